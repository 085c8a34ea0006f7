using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Consumer.Assignment;

/// <summary>An operator pauses a partition of which nothing is being written, and has it read again.</summary>
public sealed class EpochWatchTests : IDisposable
{
    private readonly Bench _bench = new();
    private readonly FakeTimeProvider _time = new();
    private int _decided;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_pause_fences_the_owner_who_reads_on_at_the_position_when_it_is_over()
    {
        EpochWatch watch = new(_bench.Store, _bench.Assignment, _bench.Writer.Fence, _time);
        PartitionHalts halts = new(_bench.Store, _bench.Assignment, () => null, () => _decided++, _time, NullLogger.Instance);
        var paused = await _bench.OwnAsync(3);
        var other = await _bench.OwnAsync(4);
        _bench.Read(paused, 5);

        _bench.Store.Pause(3);
        await UntilAsync("the owner fenced", () => watch.Check(CancellationToken.None), () => paused.State == PartitionState.Fenced);
        Assert.Equal((PartitionState.Running, 0), (other.State, _bench.Buffer.CountOf(paused)));

        Assert.True(paused.ClaimAgain());
        await ClaimAsync(paused);
        Assert.Equal((PartitionState.Halted, HaltCause.Paused), (paused.State, paused.HaltReason?.Cause));
        Assert.Equal(1, paused.Fences);

        _bench.Store.Resume(3, at: 2);
        await UntilAsync("the pause lifted", () => halts.Check(CancellationToken.None), () => paused.State == PartitionState.Claiming);
        await ClaimAsync(paused);
        Assert.Equal((PartitionState.Positioning, 2L, 0), (paused.State, paused.ReadPosition, paused.Fences));
        // No other session: the worker's other partitions stay as they are.
        Assert.Equal((0, PartitionState.Running), (_decided, other.State));
    }

    [Fact]
    public async Task A_partition_whose_epoch_is_ours_is_left_alone()
    {
        EpochWatch watch = new(_bench.Store, _bench.Assignment, (_, _) => Assert.Fail("fenced"), _time);
        var owned = await _bench.OwnAsync(3);
        var moved = await _bench.OwnAsync(4);
        _bench.Store.Pause(4);
        var looked = 0;
        await UntilAsync("many looks", () =>
        {
            // What has been written since was not refused; the next write tells.
            moved.MoveStored(++looked, 1, _time.GetUtcNow());
            watch.Check(CancellationToken.None);
        }, () => looked == 20);

        Assert.Equal(PartitionState.Running, owned.State);
    }

    private async Task ClaimAsync(OwnedPartition partition) =>
        Assert.True(partition.Grant(Assert.Single(await _bench.Store.ClaimAsync([partition.Partition], "me", null, CancellationToken.None))));

    private Task UntilAsync(string what, Action look, Func<bool> isSo) => Bench.UntilAsync(what, () =>
    {
        look();
        _time.Advance(TimeSpan.FromSeconds(1));
        return isSo();
    });
}
