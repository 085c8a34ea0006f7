using Confluent.Kafka;
using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LogPartitioning.Tests.Consumer;

public sealed class RebalancingTests : IDisposable
{
    private readonly Bench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_claim_that_fails_leaves_the_partition_claiming_and_is_repeated_until_it_works()
    {
        var failures = 2;
        _bench.Store.BeforeClaim = () =>
        {
            if (failures-- > 0)
            {
                throw new NpgsqlException("refused");
            }
        };
        var partition = new OwnedPartition(0);
        var claims = Claims();
        await claims.ClaimAsync([partition], CancellationToken.None);
        Assert.Equal(PartitionState.Claiming, partition.State);
        _bench.Assignment.Add([partition]);

        await Bench.UntilAsync("the partition is granted", () =>
        {
            claims.ClaimWaiting(CancellationToken.None);
            return partition.State == PartitionState.Positioning;
        });
        Assert.Equal(1, partition.Epoch);
    }

    [Fact]
    public async Task The_position_of_a_claim_is_committed_to_the_brokers_unless_the_partition_is_new()
    {
        await _bench.OwnAsync(1);
        OwnedPartition[] partitions = [new(0), new(1)];

        await Claims().ClaimAsync(partitions, CancellationToken.None);
        await _bench.Committer.CommitAsync(_ => true, CancellationToken.None);

        Assert.Equal(new Dictionary<int, long> { [1] = 0 }, _bench.Brokers.Committed);
    }

    [Fact]
    public async Task A_fenced_partition_is_claimed_again_only_when_the_brokers_take_a_commit_from_us()
    {
        var partition = await _bench.OwnAsync(0);
        partition.Fence(new(0, "else", 2, 17));
        _bench.Brokers.Refusal = ErrorCode.UnknownMemberId;
        var check = Check();

        await Bench.UntilAsync("the brokers were asked", () => check.CheckFenced(CancellationToken.None) && _bench.Brokers.Attempts > 0);
        Assert.Equal(PartitionState.Fenced, partition.State);

        _bench.Brokers.Refusal = null;
        await Bench.UntilAsync("the partition may be claimed", () => check.CheckFenced(CancellationToken.None) && partition.State == PartitionState.Claiming);
        Assert.Equal(17, _bench.Brokers.Committed[0]);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(6, 30)]
    [InlineData(1000, 30)]
    public void Each_fence_makes_the_next_claim_wait_longer(int fences, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), FenceCheck.WaitFor(fences));

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

    [Fact]
    public async Task A_commit_that_is_refused_is_repeated_with_the_latest_position()
    {
        using var stop = new CancellationTokenSource();
        _bench.Brokers.Refusal = ErrorCode.RebalanceInProgress;
        var running = _bench.Committer.RunAsync(stop.Token);
        _bench.Committer.Enqueue(0, 10);
        await Bench.UntilAsync("a commit was tried", () => _bench.Brokers.Attempts > 0);
        _bench.Committer.Enqueue(0, 20);
        _bench.Committer.Enqueue(1, 5);
        _bench.Committer.Forget(1);
        _bench.Brokers.Refusal = null;

        await Bench.UntilAsync("the commit was taken", () => _bench.Brokers.Committed.GetValueOrDefault(0) == 20);

        Assert.DoesNotContain(1, _bench.Brokers.Committed.Keys);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void All_problems_of_the_settings_are_told_at_once()
    {
        var options = new ConsumerOptions { Concurrency = 0, BatchSize = 0, DrainTimeout = TimeSpan.FromMinutes(5), HeartbeatInterval = TimeSpan.FromSeconds(20), Instance = "a/b" };

        var problems = options.Validate(new(options)).Select(p => p.ErrorMessage!).ToList();

        Assert.Equal(5, problems.Count);
        Assert.Contains("Consumer:Concurrency must be between 1 and 64, and is 0.", problems);
        Assert.Empty(new ConsumerOptions().Validate(new(options)));
    }

    [Fact]
    public void Draining_never_outlasts_what_old_brokers_wait_for()
    {
        Assert.Equal(TimeSpan.FromSeconds(20), new ConsumerOptions().DrainBudget);
        Assert.Equal(TimeSpan.FromSeconds(4), new ConsumerOptions { SessionTimeout = TimeSpan.FromSeconds(6) }.DrainBudget);
    }

    private PartitionClaims Claims() => new(
        _bench.Store, _bench.Assignment, _bench.Committer.Enqueue, _bench.Stores, "me", _bench.Options, TimeProvider.System, NullLogger.Instance);

    private FenceCheck Check() => new(
        Bench.Topic, _bench.Assignment, _bench.Brokers.Commit, _bench.Options, TimeProvider.System, NullLogger.Instance);
}
