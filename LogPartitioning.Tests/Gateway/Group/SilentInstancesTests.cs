using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Tests.Core.GroupState;
using LogPartitioning.Tests.Core.Lag;
using Microsoft.Extensions.Logging.Abstractions;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Gateway.Group;

public sealed class SilentInstancesTests
{
    private readonly SilentInstances _silent = new();

    private static readonly GroupView s_nobody = new(true, null, []);
    private static readonly GroupView s_one = new(true, null, [GroupSamples.Instance]);

    private static LagReport Brokers(double at, string? owner) => Report(Offsets(Start.AddSeconds(at), Partition(0, 1, 1, owner)));

    [Fact]
    public void Members_of_ours_without_a_state_make_the_view_not_live_and_the_brokers_tell_who_has_what()
    {
        var report = Brokers(0, "consumer-1/0");
        var view = _silent.Judge(s_nobody, report, Start);

        Assert.False(view.Live);
        Assert.Contains("though the brokers count 1 of their workers as members", view.Reason, StringComparison.Ordinal);
        var assignment = GroupAssignmentView.From(view, report);
        Assert.Equal("consumer-1", Assert.Single(assignment.Instances).Instance);
        Assert.Empty(assignment.Unassigned!);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("somebody")]
    public void Nobody_publishes_because_nobody_of_ours_is_there(string? member) =>
        Assert.Same(s_nobody, _silent.Judge(s_nobody, Brokers(0, member), Start));

    [Fact]
    public void What_the_brokers_said_before_the_last_instance_went_does_not_count()
    {
        _silent.Judge(s_one, Brokers(0, "consumer-1/0"), Start);
        Assert.True(_silent.Judge(s_nobody, Brokers(0, "consumer-1/0"), Start.AddSeconds(5)).Live);
        Assert.True(_silent.Judge(s_nobody, Brokers(10, null), Start.AddSeconds(11)).Live);
        Assert.False(_silent.Judge(s_nobody, Brokers(20, "consumer-1/0"), Start.AddSeconds(21)).Live);
        Assert.True(_silent.Judge(s_one, Brokers(20, "consumer-1/0"), Start.AddSeconds(22)).Live);
    }

    [Fact]
    public void A_view_that_is_not_live_keeps_its_reason()
    {
        var away = new GroupView(false, "away", []);
        Assert.Same(away, _silent.Judge(away, Brokers(0, "consumer-1/0"), Start));
    }

    [Fact]
    public async Task While_the_group_rebalances_the_brokers_word_is_whoever_had_the_partition_before()
    {
        var source = new ScriptedOffsets { Next = () => Offsets(Start, Partition(0, 1, 1, "consumer-1/0")) };
        using var monitor = new LagMonitor(source, new(), TimeProvider.System, NullLogger<LagMonitor>.Instance);
        await monitor.RefreshAsync(CancellationToken.None);
        source.Next = () => new(Start.AddSeconds(1), "PreparingRebalance", [new("consumer-1/0", []), new("consumer-2/0", [])], [Partition(0, 1, 1)]);
        var report = await monitor.RefreshAsync(CancellationToken.None);

        var view = GroupAssignmentView.From(new(false, "away", []), report);

        Assert.Equal(["consumer-1 0", "consumer-2 "], view.Instances.Select(instance => $"{instance.Instance} {string.Join(',', instance.Workers[0].Partitions)}"));
        Assert.Empty(view.Unassigned!);
    }
}
