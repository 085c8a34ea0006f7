using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Consumer.Storage;

[Collection(PostgresTests.Name)]
public sealed class LogStoreTests(PostgresServer server) : DatabaseTest(server)
{
    private LogStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _store = new(Database, "group", "topic") { ClaimBlockedFor = TimeSpan.FromMilliseconds(200), WriteBlockedFor = TimeSpan.FromMilliseconds(300) };
    }

    [PostgresFact]
    public async Task The_schema_can_be_made_by_many_at_once_and_again()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Database.MakeSchemaAsync()));

        Assert.Equal(Migration.All.Count, await Database.CountAsync("SELECT count(*) FROM schema_versions WHERE applied_at IS NOT NULL"));
    }

    private async Task<long> PositionAsync(int partition) =>
        (await StoredPositions.ReadAsync(Database, "group", "topic", CancellationToken.None))[partition].NextOffset;

    [PostgresFact]
    public async Task A_service_that_starts_does_not_wait_for_a_batch()
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using var batch = await connection.BeginTransactionAsync();
        await using var insert = new NpgsqlCommand("LOCK TABLE log_events IN ROW EXCLUSIVE MODE", connection, batch);
        await insert.ExecuteNonQueryAsync();

        // Nor do other batches wait for the service, then.
        await Database.MakeSchemaAsync().WaitAsync(TimeSpan.FromSeconds(10));
    }

    [PostgresFact]
    public async Task A_batch_gets_past_the_session_of_a_connection_that_nobody_has_any_more()
    {
        var claim = await _store.ClaimAsync(0);
        await using var orphan = await Database.OpenConnectionAsync();
        await using var begun = await orphan.BeginTransactionAsync();
        await using var update = new NpgsqlCommand("UPDATE consumer_offsets SET next_offset = 99", orphan, begun);
        await update.ExecuteNonQueryAsync();

        var outcome = await _store.WriteAsync(Batch(claim, 0, 5)).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.True(outcome.Committed);
        Assert.Equal([0, 1, 2, 3, 4], await Database.OffsetsAsync(0));
    }

    [PostgresFact]
    public async Task An_id_that_this_instance_never_saw_is_a_duplicate_all_the_same()
    {
        var events = Enumerable.Range(0, 6).Select(i => Event(message: $"at {i}")).ToList();
        await _store.WriteAsync(Batch(await _store.ClaimAsync(0), 0, [.. events.Select((e, i) => Record(i, e))]));
        var other = new LogStore(Database, "group", "topic");
        var claim = await other.ClaimAsync(1);

        var first = await other.WriteAsync(Batch(claim, 0, Record(0, events[0]), Record(1), Record(2, events[1])));
        var second = await other.WriteAsync(Batch(claim, 3, Record(3), Record(4, events[2])));

        Assert.Equal((true, 1, 2), (first.Committed, first.Stored[1], first.Duplicates));
        Assert.Equal((true, 1, 1), (second.Committed, second.Stored[1], second.Duplicates));
        Assert.Equal([1, 3], await Database.OffsetsAsync(1));
    }

    [PostgresFact]
    public async Task The_first_claim_starts_at_0_and_each_further_one_raises_the_epoch()
    {
        var first = await _store.ClaimAsync(3);
        var second = await _store.ClaimAsync(3, "b");

        Assert.Equal(new PartitionClaim(3, 1, 0, null), first);
        Assert.Equal(new PartitionClaim(3, 2, 0, null), second);
        Assert.True(first.IsFirst);
        Assert.False(second.IsFirst);
    }

    [PostgresFact]
    public async Task A_claim_starts_where_the_last_owner_ended_and_tells_when()
    {
        var old = await _store.ClaimAsync(0);
        var outcome = await _store.WriteAsync(Batch(old, 0, 5));

        var claim = await _store.ClaimAsync(0, "b");

        Assert.Equal(5, claim.NextOffset);
        Assert.Equal(outcome.At, claim.LastBatchAt);
    }

    [PostgresFact]
    public async Task A_batch_stores_every_field_and_moves_its_positions()
    {
        var claims = await _store.ClaimAsync([0, 1], "a", null, CancellationToken.None);
        var e = Event("søurce", "line\nwith \u2028 and 🙂", Severity.Critical, Start.AddTicks(1234560), """{"n":1.5,"s":"x","b":true,"z":null}""");

        var outcome = await _store.WriteAsync(Batch(claims.Single(c => c.Partition == 0), 0, Record(7, e)), Batch(claims.Single(c => c.Partition == 1), 0, 3));

        Assert.True(outcome.Committed);
        Assert.Equal(new Dictionary<int, int> { [0] = 1, [1] = 3 }, outcome.Stored);
        Assert.Equal(0, outcome.Duplicates);
        Assert.Equal((8, 3), (await PositionAsync(0), await PositionAsync(1)));
        var stored = Assert.Single((await new LogQuery(Database).RunAsync(new() { Source = "søurce" }, CancellationToken.None)).Items);
        Assert.Equal(e with { Attributes = null }, stored.Event with { Attributes = null });
        Assert.Equal("""{"b": true, "n": 1.5, "s": "x", "z": null}""", stored.Event.Attributes);
        Assert.Equal(("søurce", 0, 7L), (stored.Key, stored.Partition, stored.Offset));
    }

    [PostgresFact]
    public async Task A_batch_without_records_moves_the_position_past_dead_letters()
    {
        var claim = await _store.ClaimAsync(0);

        var outcome = await _store.WriteAsync(new PartitionBatch(0, claim.Epoch, 0, 10, []));

        Assert.True(outcome.Committed);
        Assert.Equal(10, await PositionAsync(0));
    }

    [PostgresFact]
    public async Task An_earlier_owner_is_fenced_and_nothing_of_its_batch_is_written_until_the_rest_is_tried_alone()
    {
        var old = await _store.ClaimAsync([0, 1], "old", null, CancellationToken.None);
        await _store.ClaimAsync(1, "new");
        var rest = Batch(old.Single(c => c.Partition == 0), 0, 5);

        var outcome = await _store.WriteAsync(rest, Batch(old.Single(c => c.Partition == 1), 0, 5));

        Assert.False(outcome.Committed);
        Assert.Equal(new FencedPartition(1, "new", 2, 0), Assert.Single(outcome.Fenced));
        Assert.Empty(await Database.OffsetsAsync(0));
        Assert.Equal(0, await PositionAsync(0));
        Assert.True((await _store.WriteAsync(rest)).Committed);
        Assert.Equal([0, 1, 2, 3, 4], await Database.OffsetsAsync(0));
    }

    [PostgresFact]
    public async Task The_same_batch_again_is_recognised_as_applied()
    {
        // As after a commit whose answer was lost.
        var claim = await _store.ClaimAsync(0);
        var batch = Batch(claim, 0, 5);
        await _store.WriteAsync(batch);

        var again = await _store.WriteAsync(batch);

        Assert.Equal([0], again.AlreadyApplied);
        Assert.Empty(again.Fenced);
        Assert.Equal([0, 1, 2, 3, 4], await Database.OffsetsAsync(0));
    }

    [PostgresFact]
    public async Task A_position_that_was_changed_by_hand_fences_the_owner()
    {
        var claim = await _store.ClaimAsync(0);
        await Database.ExecuteAsync("UPDATE consumer_offsets SET next_offset = 100");

        var outcome = await _store.WriteAsync(Batch(claim, 0, 5));

        Assert.Equal(100, Assert.Single(outcome.Fenced).NextOffset);
    }

    [PostgresFact]
    public async Task A_row_that_is_gone_fences_the_owner()
    {
        var claim = await _store.ClaimAsync(0);
        await Database.ExecuteAsync("DELETE FROM consumer_offsets");

        Assert.Equal(new FencedPartition(0, null, null, null), Assert.Single((await _store.WriteAsync(Batch(claim, 0, 5))).Fenced));
    }

    [PostgresFact]
    public async Task A_batch_that_leads_backwards_is_refused()
    {
        var claim = await _store.ClaimAsync(0);
        await _store.WriteAsync(Batch(claim, 0, 10));

        var outcome = await _store.WriteAsync(new PartitionBatch(0, claim.Epoch, 10, 5, []));

        Assert.Single(outcome.Fenced);
        Assert.Equal(10, await PositionAsync(0));
    }

    [PostgresFact]
    public async Task Duplicate_ids_are_stored_once_and_counted()
    {
        var claim = await _store.ClaimAsync(0);
        var (first, second) = (Event(message: "first"), Event(message: "second"));
        await _store.WriteAsync(Batch(claim, 0, Record(0, first)));

        var outcome = await _store.WriteAsync(Batch(claim, 1, Record(1, first), Record(2, second), Record(3, second)));

        Assert.True(outcome.Committed);
        Assert.Equal(1, outcome.Stored[0]);
        Assert.Equal(2, outcome.Duplicates);
        Assert.Equal([0, 2], await Database.OffsetsAsync(0));
        Assert.Equal(4, await PositionAsync(0));
    }

    [PostgresFact]
    public async Task An_event_with_the_id_of_another_one_is_named_and_nothing_is_written_until_it_is_set_aside()
    {
        var claims = await _store.ClaimAsync([0, 1], "a", null, CancellationToken.None);
        var (here, there) = (claims.Single(c => c.Partition == 0), claims.Single(c => c.Partition == 1));
        var (first, good) = (Event(message: "first"), Event(message: "good"));
        await _store.WriteAsync(Batch(here, 0, Record(0, first)));
        var (otherContent, otherSource) = (Record(1, first with { Message = "second" }), Record(7, first with { Source = "payment" }));

        var outcome = await _store.WriteAsync(Batch(here, 1, otherContent, Record(2, first), Record(3, good)), Batch(there, 0, otherSource));

        Assert.False(outcome.Committed);
        Assert.Equal(
            [
                new(0, 1, $"an event with other content is stored with the id {first.Id}, at partition 0, offset 0"),
                new IdConflict(1, 7, $"an event of another source is stored with the id {first.Id}, at partition 0, offset 0"),
            ],
            outcome.Conflicts);
        Assert.Equal((1, 0), (await PositionAsync(0), await PositionAsync(1)));
        var rest = await _store.WriteAsync(Batch(here, 1, Record(2, first), Record(3, good)), new PartitionBatch(1, there.Epoch, 0, 8, []));
        Assert.Equal((true, 1, 1), (rest.Committed, rest.Stored[0], rest.Duplicates));
        Assert.Equal([0, 3], await Database.OffsetsAsync(0));
        Assert.Equal((4, 8), (await PositionAsync(0), await PositionAsync(1)));
    }

    [PostgresFact]
    public async Task Of_two_events_of_a_batch_with_one_id_the_second_is_compared_with_the_first()
    {
        var claim = await _store.ClaimAsync(0);
        var e = Event(attributes: """{"a":1,"b":[2]}""");

        var outcome = await _store.WriteAsync(Batch(claim, 0, Record(0, e), Record(1, e with { Attributes = """{"b": [2], "a": 1.0}""" }), Record(2, e with { Attributes = null })));

        Assert.Equal([2L], outcome.Conflicts.Select(c => c.Offset));
    }

    [PostgresFact]
    public async Task A_timestamp_counts_where_it_is_known_to_be_the_senders()
    {
        var claim = await _store.ClaimAsync(0);
        var e = Event();
        await _store.WriteAsync(Batch(claim, 0, Record(0, e)));
        var again = Record(1, e with { Timestamp = Start.AddSeconds(1) });

        var sent = await _store.WriteAsync(Batch(claim, 1, new LogRecord(1, again.Source, again.ToEvent(), hasSentTimestamp: true)));
        var received = await _store.WriteAsync(Batch(claim, 1, again));

        Assert.EndsWith($"an event with another timestamp is stored with the id {e.Id}, at partition 0, offset 0", Assert.Single(sent.Conflicts).Detail, StringComparison.Ordinal);
        Assert.Equal((true, 1), (received.Committed, received.Duplicates));
    }

    [PostgresFact]
    public async Task An_event_that_is_read_again_at_its_place_is_itself()
    {
        var claim = await _store.ClaimAsync(0);
        var records = new[] { Record(0), Record(1) };
        await _store.WriteAsync(Batch(claim, 0, records));
        await Database.ExecuteAsync("UPDATE consumer_offsets SET next_offset = 0");
        await Database.ExecuteAsync("UPDATE log_events SET message = 'changed by hand'");

        var outcome = await _store.WriteAsync(Batch(claim, 0, records));

        Assert.Equal((true, 2), (outcome.Committed, outcome.Duplicates));
    }

    [PostgresFact]
    public async Task Another_event_at_a_taken_offset_is_refused_rather_than_left_out()
    {
        var claim = await _store.ClaimAsync(0);
        await _store.WriteAsync(Batch(claim, 0, 1));
        await Database.ExecuteAsync("UPDATE consumer_offsets SET next_offset = 0");

        var failure = await Assert.ThrowsAsync<PostgresException>(() => _store.WriteAsync(Batch(claim, 0, 1)));

        // Set aside as poison, every further event of a topic that was created again would follow it.
        Assert.Equal(StoreFailureKind.Operator, StoreFailure.Classify(failure));
        Assert.Contains("created again", StoreFailure.Describe(failure), StringComparison.Ordinal);
        Assert.Equal(0, await PositionAsync(0));
    }

    [PostgresFact]
    public async Task An_id_is_one_events_on_whatever_day_it_comes_again()
    {
        var claim = await _store.ClaimAsync(0);
        var now = DateTimeOffset.UtcNow;
        foreach (var day in Enumerable.Range(-8, 10))
        {
            await Database.ExecuteAsync(FormattableString.Invariant($"SELECT make_log_day(current_date + {day})"));
        }

        // Its own time, a random one, and one of long ago; each event again an hour, a day and six days later, with the time of each receipt.
        var events = new[] { Guid.CreateVersion7(now.AddDays(-6)), Guid.NewGuid(), Guid.CreateVersion7(now.AddYears(-2)) }
            .Select(id => Event(at: now.AddDays(-6)) with { Id = id }).ToList();
        var offset = 0L;
        foreach (var later in new[] { TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(6) })
        {
            var records = events.Select(e => Record(offset++, e with { Timestamp = now.AddDays(-6) + later })).ToArray();
            var outcome = await _store.WriteAsync(Batch(claim, records[0].Offset, records));

            Assert.Equal(later == TimeSpan.Zero ? (true, 3, 0) : (true, 0, 3), (outcome.Committed, outcome.Stored[0], outcome.Duplicates));
        }

        Assert.Equal([0, 1, 2], await Database.OffsetsAsync(0));
        Assert.Equal(3, await Database.CountAsync("SELECT count(DISTINCT tableoid) FROM log_event_ids"));
        Assert.Equal(3, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
    }

    [PostgresFact]
    public async Task History_is_known_by_its_places_when_its_ids_are_gone()
    {
        var claim = await _store.ClaimAsync(0);
        var records = Enumerable.Range(0, 5).Select(i => Record(i)).ToArray();
        await _store.WriteAsync(Batch(claim, 0, records));
        await Database.ExecuteAsync("DELETE FROM log_event_ids");
        await Database.ExecuteAsync("UPDATE consumer_offsets SET next_offset = 0");

        var outcome = await _store.WriteAsync(Batch(claim, 0, [.. records, Record(5)]));

        Assert.Equal((true, 1, 5), (outcome.Committed, outcome.Stored[0], outcome.Duplicates));
        Assert.Equal([0, 1, 2, 3, 4, 5], await Database.OffsetsAsync(0));
        Assert.Equal(6, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
    }

    [PostgresFact]
    public async Task A_row_that_was_deleted_comes_back_with_its_history()
    {
        var claim = await _store.ClaimAsync(0);
        var records = Enumerable.Range(0, 5).Select(i => Record(i)).ToArray();
        await _store.WriteAsync(Batch(claim, 0, records));
        await Database.ExecuteAsync("""DELETE FROM log_events WHERE "offset" IN (1, 3)""");
        await Database.ExecuteAsync("UPDATE consumer_offsets SET next_offset = 0");

        var outcome = await _store.WriteAsync(Batch(claim, 0, records));

        Assert.Equal((true, 2, 3), (outcome.Committed, outcome.Stored[0], outcome.Duplicates));
        Assert.Equal([0, 1, 2, 3, 4], await Database.OffsetsAsync(0));
        Assert.Equal(5, await Database.CountAsync("SELECT count(*) FROM log_event_ids"));
    }

    [PostgresFact]
    public async Task Two_events_with_one_id_that_come_through_two_partitions_at_once_are_one()
    {
        var claims = await _store.ClaimAsync([0, 1], "a", null, CancellationToken.None);
        for (var round = 0; round < 20; round++)
        {
            var e = Event(message: $"round {round}");
            var outcomes = await Task.WhenAll(claims.Select(claim => _store.WriteAsync(Batch(claim, round, Record(round, e)))));

            Assert.All(outcomes, outcome => Assert.True(outcome.Committed));
            Assert.Equal(1, outcomes.Sum(outcome => outcome.Duplicates));
        }

        Assert.Equal(20, await Database.CountAsync("SELECT count(*) FROM log_events"));
    }

    [PostgresFact]
    public async Task The_last_record_is_on_record_with_its_id()
    {
        var claim = await _store.ClaimAsync(0);
        var last = Record(1);
        await _store.WriteAsync(Batch(claim, 0, Record(0), last));
        await _store.WriteAsync(new PartitionBatch(0, claim.Epoch, 2, 9, []));

        Assert.Equal(1, await Database.CountAsync("SELECT count(*) FROM consumer_offsets WHERE next_offset = 9 AND last_offset = 1 AND last_id = $1", last.Id));
    }

    [PostgresFact]
    public async Task A_value_that_the_database_refuses_is_a_failure_of_the_data()
    {
        var claim = await _store.ClaimAsync(0);
        foreach (var refused in new[] { "a\0b", "half a surrogate pair: \ud800" })
        {
            var failure = await Assert.ThrowsAnyAsync<Exception>(() => _store.WriteAsync(Batch(claim, 0, Record(0, Event(message: refused)))));

            Assert.Equal(StoreFailureKind.Data, StoreFailure.Classify(failure));
            Assert.Equal(0, await PositionAsync(0));
        }
    }

    [PostgresFact]
    public async Task A_missing_table_is_for_an_operator_and_loses_nothing()
    {
        var claim = await _store.ClaimAsync(0);
        await Database.ExecuteAsync("ALTER TABLE log_events RENAME TO elsewhere");

        var failure = await Assert.ThrowsAsync<PostgresException>(() => _store.WriteAsync(Batch(claim, 0, 3)));
        Assert.Equal(StoreFailureKind.Operator, StoreFailure.Classify(failure));

        await Database.ExecuteAsync("ALTER TABLE elsewhere RENAME TO log_events");
        Assert.True((await _store.WriteAsync(Batch(claim, 0, 3))).Committed);
    }

    [PostgresFact]
    public async Task A_claim_waits_for_a_batch_that_is_being_written()
    {
        var old = await _store.ClaimAsync(0);
        var patient = new LogStore(Database, "group", "topic") { ClaimBlockedFor = TimeSpan.FromMinutes(1) };
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var move = new NpgsqlCommand($"UPDATE consumer_offsets SET next_offset = 50 WHERE epoch = {old.Epoch}", connection, transaction);
        await move.ExecuteNonQueryAsync();

        var claiming = patient.ClaimAsync(0, "new");
        await Eventually.SeesAsync(
            "a claim that waits for the row", _ => Database.CountAsync("SELECT count(*) FROM pg_locks WHERE NOT granted"), locks => locks > 0, TimeSpan.FromSeconds(20));
        Assert.False(claiming.IsCompleted);
        await transaction.CommitAsync();

        Assert.Equal(50, (await claiming).NextOffset);
    }

    [PostgresFact]
    public async Task A_claim_ends_the_transaction_of_an_owner_that_is_frozen()
    {
        var old = await _store.ClaimAsync(0);
        await using var connection = await Database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var move = new NpgsqlCommand($"UPDATE consumer_offsets SET next_offset = 50 WHERE epoch = {old.Epoch}", connection, transaction);
        await move.ExecuteNonQueryAsync();

        var claim = await _store.ClaimAsync(0, "new").WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((2, 0), (claim.Epoch, claim.NextOffset));
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => transaction.CommitAsync());
        Assert.Single((await _store.WriteAsync(Batch(old, 0, 5))).Fenced);
    }

    [PostgresFact]
    public async Task Of_two_owners_that_write_the_same_batch_at_once_only_the_later_claim_succeeds()
    {
        // On a busy machine a batch may outlast the other tests' short patience, and would be ended.
        var patient = new LogStore(Database, "group", "topic") { ClaimBlockedFor = TimeSpan.FromMinutes(1) };
        for (var round = 0; round < 20; round++)
        {
            var old = await patient.ClaimAsync(round, "old");
            var writing = patient.WriteAsync(Batch(old, 0, 50));
            var claiming = patient.ClaimAsync(round, "new");
            var (outcome, claim) = (await writing, await claiming);

            Assert.Equal(outcome.Committed ? 50 : 0, claim.NextOffset);
            if (!outcome.Committed)
            {
                Assert.True((await _store.WriteAsync(Batch(claim, 0, 50))).Committed);
            }
            Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), await Database.OffsetsAsync(round));
        }
    }

    [PostgresFact]
    public async Task Cut_connections_never_store_a_batch_twice_nor_lose_it()
    {
        var claim = await _store.ClaimAsync(0);
        using var stop = new CancellationTokenSource();
        var cutting = CutConnectionsAsync(stop.Token);
        var position = 0L;
        var cuts = 0;
        while (position < 4000)
        {
            var batch = Batch(claim, position, 100);
            try
            {
                var outcome = await _store.WriteAsync(batch);
                Assert.Empty(outcome.Fenced);
                position = batch.End;
            }
            catch (NpgsqlException)
            {
                cuts++;
            }
        }
        await stop.CancelAsync();
        await cutting;
        // The last cut may have met a connection that had just gone back to the pool.
        Database.Clear();

        Assert.True(cuts > 0, "no connection was cut while a batch was written");
        Assert.Equal(Enumerable.Range(0, 4000).Select(i => (long)i), await Database.OffsetsAsync(0));
    }

    private async Task CutConnectionsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Database.OpenConnectionAsync(CancellationToken.None);
        while (!cancellationToken.IsCancellationRequested)
        {
            await using var cut = new NpgsqlCommand(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'", connection);
            await cut.ExecuteNonQueryAsync(CancellationToken.None);
            await Task.Yield();
        }
    }
}
