using LogPartitioning.Consumer.Storage;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Gateway.Query;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Consumer.Storage;

/// <summary>A server has room for some thousand locks in all, and a table of a year has hundreds of days.</summary>
[Collection(PostgresTests.Name)]
public sealed class StoreLocksTests(PostgresServer server) : DatabaseTest(server)
{
    private const int Days = 40;

    private LogStore _store = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await Database.MakeDaysAsync(Start, Days);
        _store = new(Database, "group", "topic");
    }

    [PostgresFact]
    public async Task Events_that_come_again_lock_the_days_that_they_are_of()
    {
        var claim = await _store.ClaimAsync(0);
        LogRecord[] records = [.. Enumerable.Range(0, 20).Select(i => Record(i, Event(at: Start.AddDays(i % 2).AddSeconds(i))))];
        Assert.True((await _store.WriteAsync(Batch(claim, 0, records))).Committed);
        await using var connection = await Database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        // Once as a retry at other places, and once as history at their own.
        PartitionBatch[] again =
        [
            Batch(claim, 20, [.. records.Select(record => Record(record.Offset + 20, record.ToEvent()))]) with { Partition = 1 },
            Batch(claim, 0, records),
        ];
        var outcome = await EventInsert.RunAsync(connection, again, isHistory: true, lookFor: null, CancellationToken.None);

        Assert.Equal(0, outcome.Stored.Values.Sum());
        Assert.Empty(outcome.Conflicts);
        await using var locked = new NpgsqlCommand(
            """SELECT array_agg(DISTINCT relname::text) FROM pg_locks JOIN pg_class c ON c.oid = relation WHERE pid = pg_backend_pid() AND relname ~ '^log_events_[0-9]{8}$'""",
            connection);
        Assert.Equal(["log_events_20261122", "log_events_20261123"], ((string[])(await locked.ExecuteScalarAsync())!).Order());
    }

    [PostgresFact]
    public async Task A_search_keeps_no_lock_from_one_statement_to_the_next()
    {
        var locks = await BoundedReading.RunAsync(
            Database,
            TimeSpan.FromSeconds(30),
            async reading =>
            {
                await reading.CountAsync(new NpgsqlBatchCommand("SELECT count(*) FROM log_events"));
                return await Database.CountAsync("SELECT count(*) FROM pg_locks WHERE relation = 'log_events'::regclass");
            },
            CancellationToken.None);

        Assert.Equal(0, locks);
    }
}
