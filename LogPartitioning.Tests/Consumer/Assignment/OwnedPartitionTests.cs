using LogPartitioning.Consumer.Assignment;

namespace LogPartitioning.Tests.Consumer.Assignment;

public sealed class OwnedPartitionTests
{
    private static readonly PartitionState[] s_ends = [PartitionState.Released, PartitionState.Lost];

    private static readonly (PartitionState From, PartitionEvent Event, PartitionState To)[] s_transitions =
    [
        .. from state in Enum.GetValues<PartitionState>()
           from happened in Enum.GetValues<PartitionEvent>()
           let next = state.Next(happened)
           where next is not null
           select (state, happened, next.Value),
    ];

    [Fact]
    public void A_state_is_final_exactly_where_nothing_leads_out_of_it() =>
        Assert.Equal(s_ends, Enum.GetValues<PartitionState>().Where(state => !s_transitions.Any(t => t.From == state)));

    [Fact]
    public void Any_partition_can_be_lost_or_revoked_while_it_is_here()
    {
        foreach (var from in Enum.GetValues<PartitionState>().Except(s_ends))
        {
            Assert.Equal(PartitionState.Lost, from.Next(PartitionEvent.Lost));
            Assert.True(from == PartitionState.Draining || from.Next(PartitionEvent.Revoked) == PartitionState.Draining, $"{from} cannot be revoked");
        }
    }

    [Fact]
    public void A_draining_partition_only_ends() =>
        Assert.All(s_transitions.Where(t => t.From == PartitionState.Draining), t => Assert.Contains(t.To, s_ends));

    [Fact]
    public void A_fenced_partition_is_written_again_only_after_a_new_claim() =>
        Assert.Equal(
            [PartitionState.Claiming],
            s_transitions.Where(t => t.From == PartitionState.Fenced).Select(t => t.To).Except([PartitionState.Draining, PartitionState.Lost]));

    [Fact]
    public void Every_state_that_may_write_can_be_refused() =>
        Assert.All(Enum.GetValues<PartitionState>(), state => Assert.Equal(state.IsWritable(), state.Next(PartitionEvent.Refused) is not null));

    [Fact]
    public void What_was_revoked_is_not_claimed_again_after_a_refused_write()
    {
        var partition = new OwnedPartition(4);
        Assert.True(partition.Grant(new(4, 7, 100, null)));
        Assert.True(partition.Drain());

        Assert.True(partition.Fence(new(4, "else", 8, 120)));

        Assert.False(partition.ClaimAgain());
        Assert.Equal(PartitionState.Released, partition.State);
    }

    [Fact]
    public void A_claim_that_comes_too_late_is_not_taken()
    {
        var partition = new OwnedPartition(4);
        partition.Lose();

        Assert.False(partition.Grant(new(4, 7, 100, null)));
        Assert.Equal(0, partition.Epoch);
    }

    [Fact]
    public void A_record_that_is_read_again_under_another_claim_is_refused_once()
    {
        var partition = new OwnedPartition(4);
        Assert.True(partition.Grant(new(4, 7, 100, null)));
        Assert.False(partition.Refusals.Exceeds(window: 2, share: 0.5));
        Assert.False(partition.StoreRefusals.Exceeds(window: 2, share: 0.5));
        Assert.True(partition.Fence(new(4, "another", 8, 100)));
        Assert.True(partition.ClaimAgain());

        Assert.True(partition.Grant(new(4, 9, 100, null)));

        Assert.False(partition.Refusals.Exceeds(window: 2, share: 0.5));
        Assert.False(partition.StoreRefusals.Exceeds(window: 2, share: 0.5));
    }

    /// <summary>The picture in the consumer's README shows the table, arrow for arrow.</summary>
    [Fact]
    public void The_picture_shows_every_transition()
    {
        var drawn = File.ReadAllLines(Path.Combine(RepositoryFiles.Root, "LogPartitioning.Consumer", "README.md"))
            .Select(line => line.Trim())
            .Where(line => line.Contains("-->", StringComparison.Ordinal) && !line.Contains("[*]", StringComparison.Ordinal) && line.Contains(": ", StringComparison.Ordinal));

        var table = s_transitions
            .GroupBy(t => (t.From, t.To), t => t.Event)
            .Select(arrow => $"{arrow.Key.From} --> {arrow.Key.To}: {string.Join(", ", arrow.Order())}");

        Assert.Equal(table.Order(StringComparer.Ordinal), drawn.Order(StringComparer.Ordinal));
    }
}
