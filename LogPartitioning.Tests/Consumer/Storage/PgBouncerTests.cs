using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.Tests.Servers;
using Npgsql;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Consumer.Storage;

/// <summary>The store behind a pooler that gives each transaction whatever session is free.</summary>
[Collection(PostgresTests.Name)]
public sealed class PgBouncerTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private PgBouncerServer? _bouncer;

    private NpgsqlDataSource Pooled => _bouncer!.Database;

    private LogStore Store => new(Pooled, "group", "topic") { ClaimBlockedFor = TimeSpan.FromMilliseconds(200), WriteBlockedFor = TimeSpan.FromMilliseconds(300) };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _bouncer = PgBouncerFactAttribute.IsInstalled ? await PgBouncerServer.StartAsync(Database.ConnectionString) : null;
    }

    public override async Task DisposeAsync()
    {
        await (_bouncer?.DisposeAsync() ?? ValueTask.CompletedTask);
        await base.DisposeAsync();
    }

    [PgBouncerFact]
    public async Task The_schema_can_be_made_by_many_at_once()
    {
        await Database.ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Pooled.MakeSchemaAsync()));

        Assert.Equal(Migration.All.Count, await Database.CountAsync("SELECT count(*) FROM schema_versions WHERE applied_at IS NOT NULL"));
    }

    [PgBouncerFact]
    public async Task A_claim_ends_the_transaction_of_an_owner_that_is_frozen()
    {
        var old = await Store.ClaimAsync(0);
        await using var frozen = await Pooled.OpenConnectionAsync();
        await using var transaction = await frozen.BeginTransactionAsync();
        await using var move = new NpgsqlCommand("UPDATE consumer_offsets SET next_offset = 50", frozen, transaction);
        await move.ExecuteNonQueryAsync();

        var claim = await Store.ClaimAsync(0, "new").WaitAsync(Patience);

        Assert.Equal((2, 0), (claim.Epoch, claim.NextOffset));
        Assert.Single((await Store.WriteAsync(Batch(old, 0, 5))).Fenced);
        Assert.True((await Store.WriteAsync(Batch(claim, 0, 5))).Committed);
    }

    [PgBouncerFact]
    public async Task A_batch_gets_past_the_session_of_a_connection_that_nobody_has_any_more()
    {
        var claim = await Store.ClaimAsync(0);
        await using var orphan = await Pooled.OpenConnectionAsync();
        await using var begun = await orphan.BeginTransactionAsync();
        await using var update = new NpgsqlCommand("UPDATE consumer_offsets SET next_offset = 99", orphan, begun);
        await update.ExecuteNonQueryAsync();

        Assert.True((await Store.WriteAsync(Batch(claim, 0, 5)).WaitAsync(Patience)).Committed);
        Assert.Equal([0, 1, 2, 3, 4], await Database.OffsetsAsync(0));
    }

    [PgBouncerFact]
    public async Task Four_owners_write_a_thousand_batches_with_repeats_and_cuts_and_each_event_is_stored_once()
    {
        using var stop = new CancellationTokenSource();
        var cutting = CutAsync(stop.Token);
        var cuts = await Task.WhenAll(Enumerable.Range(0, 4).Select(WriteAsync));
        await stop.CancelAsync();
        await cutting;

        Assert.True(cuts.Sum() > 0, "no session was cut while a batch was written");
        for (var partition = 0; partition < 4; partition++)
        {
            Assert.Equal(Enumerable.Range(0, 2500).Select(i => (long)i), await Database.OffsetsAsync(partition));
        }
    }

    [PgBouncerFact]
    public async Task A_split_is_seen_though_nobody_is_notified()
    {
        using var stop = new CancellationTokenSource(Patience);
        var seen = new List<int>();
        var splits = new SplitStore(Pooled);
        var watching = splits.WatchAsync(TimeSpan.FromMilliseconds(200), async token => seen.Add((await splits.ReadAsync(token)).Count), stop.Token);
        await splits.SetAsync("checkout", 4, stop.Token);

        await Eventually.SeesAsync("the split", _ => Task.FromResult(seen.LastOrDefault()), splits => splits == 1, Patience);
        await stop.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<int> WriteAsync(int partition)
    {
        var store = new LogStore(Pooled, "group", "topic");
        var claim = await Eventually.SeesAsync("a claim", _ => ClaimedAsync(store, partition), c => c is not null, Patience);
        var (position, cuts) = (0L, 0);
        while (position < 2500)
        {
            var batch = Batch(claim!, position, 10);
            try
            {
                // Sent twice: the answer to the first may as well have been lost.
                await store.WriteAsync(batch);
                var again = await store.WriteAsync(batch);
                Assert.Empty(again.Fenced);
                position = batch.End;
            }
            catch (NpgsqlException)
            {
                cuts++;
            }
        }

        return cuts;
    }

    private static async Task<PartitionClaim?> ClaimedAsync(LogStore store, int partition)
    {
        try
        {
            return await store.ClaimAsync(partition);
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    private async Task CutAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Database.ExecuteAsync(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND random() < 0.05
                """);
            await Task.Yield();
        }
    }
}
