using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Mapping;
using LogPartitioning.Producer.Partitioning;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.Producer.Mapping;

/// <summary>Two replicas of the producer and one database: what is split through one is split in the other.</summary>
[Collection(PostgresTests.Name)]
public sealed class SplitWatcherTests(PostgresServer server) : DatabaseTest(server)
{
    /// <summary>Far below the interval at which the splits are read anyway, so that only the notification can have told.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<IDisposable> _watchers = [];

    public override Task DisposeAsync()
    {
        _watchers.ForEach(w => w.Dispose());
        return base.DisposeAsync();
    }

    [PostgresFact]
    public async Task No_more_sources_and_keys_are_split_than_every_producer_can_hold()
    {
        var store = new SplitStore(Database);
        await Database.ExecuteAsync($"INSERT INTO source_splits (source, keys) SELECT 'source ' || n, 2 FROM generate_series(2, {SplitStore.MaxSources}) AS n");

        Assert.True(await store.SetAsync("the last one", 4, CancellationToken.None));
        Assert.False(await store.SetAsync("one too many", 4, CancellationToken.None));
        Assert.True(await store.SetAsync("the last one", 8, CancellationToken.None));
        Assert.False(await store.SetAsync("the last one", SplitStore.MaxKeys, CancellationToken.None));
        Assert.True(await store.RemoveAsync("source 2", CancellationToken.None));
        Assert.True(await store.SetAsync("one too many", 4, CancellationToken.None));

        var stored = await store.ReadAsync(CancellationToken.None);
        Assert.Equal((SplitStore.MaxSources, 8), (stored.Count, stored["the last one"]));
    }

    [PostgresFact]
    public async Task A_split_and_its_end_reach_every_replica_at_once()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        var store = new SplitStore(Database);

        await store.SetAsync("checkout-7", 4, CancellationToken.None);
        await SeesKeysAsync(4, first, second);
        await store.SetAsync("checkout-7", 2, CancellationToken.None);
        await SeesKeysAsync(2, first, second);
        Assert.True(await store.RemoveAsync("checkout-7", CancellationToken.None));
        await SeesKeysAsync(1, first, second);
    }

    [PostgresFact]
    public async Task A_replica_that_lost_its_connection_hears_of_splits_again()
    {
        var splits = await StartAsync();
        var store = new SplitStore(Database);

        // Whatever connection of the pool it listens on.
        await using (var cut = Database.CreateCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
        {
            await cut.ExecuteNonQueryAsync();
        }

        Database.Clear();
        await store.SetAsync("checkout-7", 3, CancellationToken.None);
        await SeesKeysAsync(3, splits);
    }

    [PostgresFact]
    public async Task A_table_of_another_shape_ends_nothing_and_is_read_again_when_it_is_mended()
    {
        var splits = await StartAsync();
        var watcher = Assert.IsType<SplitWatcher>(_watchers.Single());

        await Database.ExecuteAsync("""
            INSERT INTO source_splits (source, keys) VALUES ('checkout-7', 3);
            ALTER TABLE source_splits RENAME COLUMN keys TO numbers;
            ALTER TABLE source_splits ADD COLUMN keys text DEFAULT 'many';
            NOTIFY source_splits
            """);
        await Eventually.SeesAsync("that the splits are not read", _ => Task.FromResult(watcher.IsCurrent), current => !current, Patience);
        Assert.False(watcher.ExecuteTask!.IsCompleted);

        await Database.ExecuteAsync("ALTER TABLE source_splits DROP COLUMN keys; ALTER TABLE source_splits RENAME COLUMN numbers TO keys");
        await SeesKeysAsync(3, splits);
    }

    private static async Task SeesKeysAsync(int keys, params SourceSplits[] replicas) => await Eventually.SeesAsync(
        $"{keys} keys in each replica",
        _ => Task.FromResult(string.Join(' ', replicas.Select(r => r.KeysOf("checkout-7").Count))),
        seen => seen == string.Join(' ', replicas.Select(_ => keys)),
        Patience);

    private async Task<SourceSplits> StartAsync()
    {
        var splits = new SourceSplits(12, []);
        var watcher = new SplitWatcher(
            new LogStoreSchema(Database, null, Migration.All, TimeProvider.System, NullLogger.Instance),
            new SplitStore(Database),
            splits,
            Options.Create(new PartitioningOptions { RefreshInterval = TimeSpan.FromHours(1) }),
            new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            TimeProvider.System, NullLogger<SplitWatcher>.Instance);
        _watchers.Add(watcher);
        await watcher.StartAsync(CancellationToken.None);
        await Eventually.SeesAsync("the splits read", _ => Task.FromResult(watcher.IsCurrent), current => current, Patience);
        return splits;
    }
}
