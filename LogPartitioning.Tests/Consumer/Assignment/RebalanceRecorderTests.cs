using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Assignment;

public sealed class RebalanceRecorderTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_pause_of_a_moved_partition_runs_from_the_last_batch_of_the_old_owner_to_the_first_of_the_new()
    {
        await _bench.OwnAsync(0, "old");
        var moved = await _bench.OwnAsync(0, "new");
        _bench.Recorder.Assigned([moved], [new(7, 1.5)], StoredEvents.Start, TimeSpan.FromMilliseconds(12));
        Assert.Equal([7], _bench.Rebalances.Single().Kept);

        _bench.Recorder.BatchStored(moved, StoredEvents.Start.AddSeconds(3));
        _bench.Recorder.BatchStored(moved, StoredEvents.Start.AddSeconds(9));

        Assert.Equal(2, _bench.Rebalances.Count);
        Assert.Equal(_bench.Rebalances[0].Id, _bench.Rebalances[1].Id);
        Assert.Equal([new(0, 3000), new(7, 1.5)], _bench.Rebalances[1].Pauses);
    }

    [Fact]
    public void A_group_that_never_comes_to_rest_takes_no_more_and_more_memory()
    {
        for (var i = 0; i < 1000; i++)
        {
            OwnedPartition moved = new(0);
            _bench.Recorder.Assigned([], [new(7, 0)], StoredEvents.Start, TimeSpan.Zero);
            _bench.Recorder.Assigned([moved], [], StoredEvents.Start, TimeSpan.Zero);
            _bench.Recorder.Assigned([moved], [], StoredEvents.Start, TimeSpan.Zero);
            Assert.Equal(1, _bench.Recorder.Incomplete);
            _bench.Recorder.Revoked([moved], RebalanceCause.Join, [], 0, 0, StoredEvents.Start, TimeSpan.Zero);
            Assert.Equal(0, _bench.Recorder.Incomplete);
        }
    }

    [Fact]
    public void Causes_are_told_as_far_as_they_are_known()
    {
        OwnedPartition[] partitions = [new(0)];
        _bench.Recorder.Assigned(partitions, [], StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Assigned(partitions, [], StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Revoked(partitions, RebalanceCause.Join, [], 5, 2, StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Lost(partitions, 3, StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Revoked(partitions, RebalanceCause.Shutdown, [], 0, 0, StoredEvents.Start, TimeSpan.Zero);

        _bench.Recorder.Revoked(partitions, RebalanceCause.Balance, [], 0, 0, StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Assigned(partitions, [], StoredEvents.Start, TimeSpan.Zero);
        _bench.Recorder.Assigned(partitions, [], StoredEvents.Start, TimeSpan.Zero);

        Assert.Equal(
            [
                RebalanceCause.First, RebalanceCause.Leave, RebalanceCause.Join, RebalanceCause.Lost, RebalanceCause.Shutdown,
                RebalanceCause.Balance, RebalanceCause.Balance, RebalanceCause.Leave,
            ],
            _bench.Rebalances.Select(r => r.Cause));
        Assert.Equal((5, 2), (_bench.Rebalances[2].Drained, _bench.Rebalances[2].Dropped));
        Assert.Equal(3, _bench.Rebalances[3].Dropped);
    }
}
