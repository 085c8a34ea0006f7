using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Tests.Consumer.Assignment;

public sealed class OwnedPartitionTests
{
    [Fact]
    public void A_partition_that_is_gone_never_comes_back()
    {
        foreach (var to in Enum.GetValues<PartitionState>())
        {
            Assert.False(OwnedPartition.IsAllowed(PartitionState.Lost, to));
            Assert.False(OwnedPartition.IsAllowed(PartitionState.Released, to));
        }
    }

    [Fact]
    public void Any_partition_can_be_lost_or_revoked_while_it_is_here()
    {
        foreach (var from in Enum.GetValues<PartitionState>().Except([PartitionState.Lost, PartitionState.Released]))
        {
            Assert.True(OwnedPartition.IsAllowed(from, PartitionState.Lost));
            Assert.True(from == PartitionState.Draining || OwnedPartition.IsAllowed(from, PartitionState.Draining), $"{from} cannot be revoked");
        }
    }

    [Fact]
    public void A_draining_partition_is_not_read_again()
    {
        Assert.False(OwnedPartition.IsAllowed(PartitionState.Draining, PartitionState.Running));
        Assert.False(OwnedPartition.IsAllowed(PartitionState.Draining, PartitionState.Claiming));
    }

    [Fact]
    public void A_fenced_partition_runs_again_only_after_a_new_claim()
    {
        Assert.False(OwnedPartition.IsAllowed(PartitionState.Fenced, PartitionState.Running));
        Assert.True(OwnedPartition.IsAllowed(PartitionState.Fenced, PartitionState.Claiming));
        Assert.False(OwnedPartition.IsAllowed(PartitionState.Claiming, PartitionState.Running));
    }

    [Fact]
    public void A_claim_that_comes_too_late_is_not_taken()
    {
        var partition = new OwnedPartition(4);
        partition.TryMoveTo(PartitionState.Lost);

        Assert.False(partition.Grant(new(4, 7, 100, null)));
        Assert.Equal(0, partition.Epoch);
    }
}
