using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LogPartitioning.Tests.Consumer.Assignment;

/// <summary>How partitions are claimed, and claimed again after a fence.</summary>
public sealed class PartitionClaimsTests : IDisposable
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
    [Trait("Category", "Slow")]
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

    private PartitionClaims Claims() => new(
        _bench.Store, _ => Task.FromResult(_bench.TopicId), (claims, _) => Task.FromResult(claims), _bench.Assignment, _bench.Committer.Enqueue, _bench.Stores, "me", _bench.Options, TimeProvider.System, NullLogger.Instance);

    private FenceCheck Check() => new(
        Bench.Topic, _bench.Assignment, _bench.Brokers.CommitAsync, _bench.Options, TimeProvider.System, NullLogger.Instance);
}
