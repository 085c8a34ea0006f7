using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Consumer.Assignment;

public sealed class PartitionHaltsTests : IDisposable
{
    private static readonly PartitionHalt TooMany = new(HaltCause.TooManyRefused, "too many");

    private readonly Bench _bench = new();
    private readonly FakeTimeProvider _time = new();
    private int _decided;

    public void Dispose() => _bench.Dispose();

    /// <summary>The decision came while a write was under way: it is refused, and the partition is claimed again in the same session.</summary>
    [Fact]
    public async Task A_halt_after_a_decision_is_put_on_record_too()
    {
        PartitionHalts halts = new(_bench.Store, _bench.Assignment, () => null, () => _decided++, _time, NullLogger.Instance);
        var partition = await _bench.OwnAsync(3);
        partition.Halt(TooMany);
        await CheckAsync(halts, "the halt on record", () => _bench.Store.HaltOf(3) is not null);

        _bench.Store.SetAside(3, until: 0);
        Assert.True(partition.Fence(new(3, "an operator", 2, 0)));
        Assert.True(partition.ClaimAgain());
        Assert.True(partition.Grant(Assert.Single(await _bench.Store.ClaimAsync([3], "me", null, CancellationToken.None))));
        Assert.True(partition.Halt(TooMany));
        await CheckAsync(halts, "the second halt on record", () => _bench.Store.HaltOf(3) is not null);

        Assert.Equal(0, _decided);
    }

    private Task CheckAsync(PartitionHalts halts, string what, Func<bool> isSo) => Bench.UntilAsync(what, () =>
    {
        halts.Check(CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(1));
        return isSo();
    });
}
