using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.LoadTest.Auditing;

/// <summary>Verdicts on histories made by hand: the audit passes what is right and finds each kind of fault.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task What_is_stored_once_and_in_order_passes()
    {
        var report = await new History().With("a", 5).With("b", 3, partition: 7, firstOffset: 0).JudgeAsync();

        Assert.True(report.Passed);
        Assert.Equal((8, 8, 2), (report.Acknowledged, report.Stored, report.Sources));
        Assert.Equal((0L, 0L, 0L), (report.Lost, report.Duplicated, report.OutOfOrder));
    }

    [Fact]
    public async Task An_acknowledged_event_that_is_not_stored_is_lost()
    {
        var history = new History().With("a", 5);
        history.Stored.RemoveAt(2);

        await AssertSingleFaultAsync(history, FaultKind.Lost, "a #3");
    }

    [Fact]
    public async Task An_event_that_is_stored_twice_under_its_id_is_duplicated()
    {
        var history = new History().With("a", 5);
        history.Stored.Add(history.Stored[2] with { Offset = 200, StoredAt = history.Stored[^1].StoredAt });

        await AssertSingleFaultAsync(history, FaultKind.Duplicated, "3/102", "3/200");
    }

    [Fact]
    public async Task An_event_that_is_stored_under_two_ids_is_duplicated()
    {
        var history = new History().With("a", 5);
        history.Stored.Add(history.Stored[2] with { Id = Guid.CreateVersion7(), Offset = 200, StoredAt = history.Stored[^1].StoredAt });

        await AssertSingleFaultAsync(history, FaultKind.Duplicated, "#3");
    }

    [Fact]
    public async Task Events_of_other_runs_and_of_nobody_are_not_judged()
    {
        var history = new History().With("a", 2);
        var other = history.Stored[0] with { Id = Guid.CreateVersion7(), Run = Guid.CreateVersion7(), Offset = 50 };
        history.Stored.Insert(0, other with { StoredAt = null });
        history.Stored.Insert(0, other with { Id = Guid.CreateVersion7(), Run = null, Sequence = null, Offset = 49, StoredAt = null });

        Assert.True((await history.JudgeAsync()).Passed);
    }

    [Fact]
    public async Task An_event_that_is_stored_behind_its_acknowledged_offset_is_out_of_order()
    {
        var history = new History().With("a", 5);
        history.Change("a", 5, e => e with { Offset = 110 });

        await AssertSingleFaultAsync(history, FaultKind.OutOfOrder, "a #5", "3/104", "3/110");
    }

    [Fact]
    public async Task A_retried_event_behind_its_acknowledged_offset_is_out_of_order_too()
    {
        var history = new History().With("a", 2);
        history.Store(history.Acknowledge("a", 3, 3, 110, attempts: 2), 3, 111);

        await AssertSingleFaultAsync(history, FaultKind.OutOfOrder, "3/110", "3/111");
    }

    [Fact]
    public async Task A_retried_event_whose_earlier_attempt_got_through_passes()
    {
        var history = new History().With("a", 3);
        history.Store(history.Acknowledge("a", 4, 3, 110, attempts: 3), 3, 103);
        var report = await history.JudgeAsync();

        Assert.True(report.Passed);
        Assert.Equal((1, 1), (report.Retried, report.EarlierCopies));
    }

    [Fact]
    public async Task Events_sent_once_that_stand_against_the_clients_order_are_out_of_order()
    {
        var history = new History();
        history.Store(history.Acknowledge("a", 2, 3, 100), 3, 100);
        history.Store(history.Acknowledge("a", 1, 3, 101), 3, 101);
        history.Store(history.Acknowledge("a", 3, 3, 102), 3, 102);

        await AssertSingleFaultAsync(history, FaultKind.OutOfOrder, "a #1", "behind #2");
    }

    [Fact]
    public async Task An_event_that_went_through_between_its_attempts_may_stand_behind_its_neighbours()
    {
        var history = new History();
        history.Store(history.Acknowledge("a", 2, 3, 100), 3, 100);
        history.Store(history.Acknowledge("a", 1, 3, 101, attempts: 2), 3, 101);

        Assert.True((await history.JudgeAsync()).Passed);
    }

    [Fact]
    public async Task A_reader_may_give_events_by_their_timestamps()
    {
        var history = new History().With("a", 4);
        history.Stored.Reverse(1, 2);

        Assert.True((await history.JudgeAsync()).Passed);
    }

    [Fact]
    public async Task An_offset_written_later_than_one_behind_it_is_out_of_order()
    {
        var history = new History().With("a", 4);
        history.Change("a", 3, e => e with { StoredAt = e.StoredAt - TimeSpan.FromSeconds(5) });

        await AssertSingleFaultAsync(history, FaultKind.OutOfOrder, "3/102 was written");
    }

    [Fact]
    public async Task Another_message_than_the_one_sent_is_found()
    {
        var history = new History().With("a", 3);
        history.Change("a", 2, e => e with { Hash = LedgerEntry.MessageHash("another") });

        await AssertSingleFaultAsync(history, FaultKind.Changed, "a #2");
    }

    [Fact]
    public async Task An_event_in_another_partition_than_the_acknowledged_one_is_misplaced()
    {
        var history = new History();
        history.Store(history.Acknowledge("a", 1, 3, 100), 4, 100);

        await AssertSingleFaultAsync(history, FaultKind.Misplaced, "3/100", "4/100");
    }

    [Fact]
    public async Task A_source_on_two_partitions_without_a_split_is_misplaced()
    {
        var history = new History().With("a", 3);
        history.Store(history.Acknowledge("a", 4, 5, 7), 5, 7);

        await AssertSingleFaultAsync(history, FaultKind.Misplaced, "a is not split");
    }

    [Fact]
    public async Task A_split_source_may_lie_on_several_partitions_each_in_its_own_order()
    {
        var history = new History { Partitions = 12 };
        history.Split.Add("a");
        foreach (var (sequence, key, offset) in new[] { (1, "a-1", 10), (2, "a-2", 20), (3, "a-1", 11), (4, "a-2", 21) })
        {
            var partition = KeyPartitioner.PartitionOf(key, 12);
            history.Store(history.Acknowledge("a", sequence, partition, offset, key: key), partition, offset, key);
        }

        Assert.NotEqual(KeyPartitioner.PartitionOf("a-1", 12), KeyPartitioner.PartitionOf("a-2", 12));
        Assert.True((await history.JudgeAsync()).Passed);
    }

    [Fact]
    public async Task A_key_on_a_partition_where_it_does_not_belong_is_misplaced()
    {
        var history = new History { Partitions = 12 };
        var wrong = (KeyPartitioner.PartitionOf("a", 12) + 1) % 12;
        history.Store(history.Acknowledge("a", 1, wrong, 0, key: "a"), wrong, 0, "a");

        await AssertSingleFaultAsync(history, FaultKind.Misplaced, $"of 12; it is stored at {wrong}/0");
    }

    [Fact]
    public async Task Events_with_an_unknown_outcome_may_be_stored_or_not()
    {
        var history = new History().With("a", 2);
        history.GiveUp("a", 3);
        var through = history.GiveUp("a", 4);
        history.Stored.Add(history.Stored[^1] with { Id = through.Id, Sequence = 4, Offset = 102 });
        var report = await history.JudgeAsync();

        Assert.True(report.Passed);
        Assert.Equal((2, 1), (report.Unknown, report.UnknownStored));
    }

    [Fact]
    public async Task Many_faults_are_all_counted_and_the_first_described()
    {
        var history = new History().With("a", 100);
        history.Stored.Clear();
        var report = await history.JudgeAsync();

        Assert.Equal(100, report.Lost);
        Assert.Equal(AuditReport.ExamplesPerKind, report.Examples.Count);
    }

    [Fact]
    public async Task The_audit_waits_until_the_store_has_passed_every_acknowledged_offset()
    {
        var history = new History().With("a", 3);
        var late = history.Stored[^1];
        history.Stored.Remove(late);
        var next = 102L;
        var reads = 0;
        history.NextOffsets = () =>
        {
            // The last event arrives with the third look.
            if (++reads == 3)
            {
                history.Stored.Add(late);
                next = 103;
            }

            return new Dictionary<int, long> { [3] = next };
        };
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(1) };
        var audit = new Audit(history, time).RunAsync(history.Ledgers, TimeSpan.FromMinutes(1), CancellationToken.None);
        for (var i = 0; i < 20 && !audit.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
        }

        var report = await audit.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.True(report.Passed);
        Assert.True(report.CaughtUp);
        Assert.Equal(3, reads);
    }

    [Fact]
    public async Task A_store_that_has_passed_an_offset_without_its_event_is_judged_at_once()
    {
        var history = new History().With("a", 3);
        history.Stored.RemoveAt(0);
        // No time passes: an audit that waited would not end.
        var audit = new Audit(history, new FakeTimeProvider())
            .RunAsync(history.Ledgers, TimeSpan.FromMinutes(1), CancellationToken.None);

        Assert.Equal(1, (await audit.WaitAsync(TimeSpan.FromSeconds(10))).Lost);
    }

    [Fact]
    public async Task After_the_wait_what_is_missing_is_lost_and_the_report_says_that_the_store_was_behind()
    {
        var history = new History().With("a", 3);
        history.Stored.RemoveAt(2);
        history.NextOffsets = () => new Dictionary<int, long>();
        var report = await history.JudgeAsync();

        Assert.Equal(1, report.Lost);
        Assert.False(report.CaughtUp);
    }

    private static async Task AssertSingleFaultAsync(History history, FaultKind kind, params string[] words)
    {
        var report = await history.JudgeAsync();
        var fault = Assert.Single(report.Examples);
        Assert.Equal(kind, fault.Kind);
        Assert.Equal(1, report.Count(kind));
        Assert.False(report.Passed);
        Assert.All(words, word => Assert.Contains(word, fault.Description, StringComparison.Ordinal));
    }
}
