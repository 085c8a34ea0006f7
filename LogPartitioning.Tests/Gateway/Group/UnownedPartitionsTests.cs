using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Tests.Core.GroupState;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Gateway.Group;

public sealed class UnownedPartitionsTests
{
    private readonly UnownedPartitions _unowned = new();

    private static readonly LagReport s_report = Report(Offsets(Start, Partition(0, 10, 0, "consumer-1/0"), Partition(1, 10, 0)));

    private static GroupView Claimed(params int[] partitions) =>
        new(true, null, [GroupSamples.Instance with { Workers = [new(0, "consumer-1/0", "running", partitions, Start)] }]);

    private static DateTimeOffset After(double seconds) => Start.AddSeconds(seconds);

    [Fact]
    public void What_nobody_claims_is_exported_after_the_grace_and_not_before()
    {
        _unowned.Observe(Claimed(0), s_report, Start);
        Assert.Empty(_unowned.At(After(2.9)));
        Assert.Equal([1], _unowned.At(After(3)));
    }

    [Fact]
    public void A_handover_within_the_grace_never_shows()
    {
        _unowned.Observe(Claimed(0, 1), s_report, Start);
        _unowned.Observe(Claimed(0), s_report, After(1));
        _unowned.Observe(Claimed(0, 1), s_report, After(3));
        Assert.Empty(_unowned.At(After(10)));
    }

    [Fact]
    public void A_new_owner_takes_over_at_the_first_sight_of_its_claim()
    {
        _unowned.Observe(Claimed(), s_report, Start);
        Assert.Equal([0, 1], _unowned.At(After(5)).Order());
        _unowned.Observe(Claimed(1), s_report, After(6));
        Assert.Equal([0], _unowned.At(After(6)));
    }

    [Fact]
    public void A_dead_instance_counts_no_longer_though_the_brokers_still_name_it()
    {
        // Partition 0 has a member at the brokers; its state in Redis has expired.
        _unowned.Observe(new(true, null, []), s_report, Start);
        Assert.Contains(0, _unowned.At(After(3)));
    }

    [Fact]
    public void Without_Redis_the_brokers_decide()
    {
        _unowned.Observe(new(false, "away", []), s_report, Start);
        Assert.Equal([1], _unowned.At(After(3)));
    }
}
