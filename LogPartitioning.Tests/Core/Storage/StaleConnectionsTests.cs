using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

/// <summary>What becomes of connections that lie in the pool when the server changes its mind.</summary>
[Collection(PostgresTests.Name)]
public sealed class StaleConnectionsTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task A_read_on_a_connection_that_was_idle_for_too_long_is_done_on_another_one()
    {
        for (var round = 0; round < 3; round++)
        {
            // Sessions that end when they have been idle: as with idle_session_timeout, and with whatever stands in between.
            await Database.ExecuteAsync("SET idle_session_timeout = '50ms'");
            await Eventually.SeesAsync(
                "the idle session ended",
                async _ =>
                {
                    await using var other = NpgsqlDataSource.Create(Database.ConnectionString);
                    return await other.CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'");
                },
                idle => idle == 0,
                TimeSpan.FromSeconds(20));

            Assert.Empty(await StoredPositions.ReadAsync(Database, "group", "topic", CancellationToken.None));
        }
    }

    [PostgresFact]
    public async Task A_session_that_began_on_a_read_only_server_writes_when_it_is_renewed()
    {
        var store = new LogStore(Database, "group", "topic");
        var claim = await store.ClaimAsync(0);
        await Database.ExecuteAsync("SELECT 1");
        var name = await Database.ListAsync<string>("SELECT current_database()::text");
        await using var admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database.ConnectionString)
        {
            Options = "-c default_transaction_read_only=off",
            Pooling = false,
        }.ConnectionString);
        await admin.ExecuteAsync($"ALTER DATABASE \"{name[0]}\" SET default_transaction_read_only = on");
        await admin.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        Database.Clear();
        var failure = await Assert.ThrowsAsync<PostgresException>(() => store.WriteAsync(StoredEvents.Batch(claim, 0, 3)));
        Assert.Equal((PostgresErrorCodes.ReadOnlySqlTransaction, StoreFailureKind.Operator), (failure.SqlState, StoreFailure.Classify(failure)));
        await admin.ExecuteAsync($"ALTER DATABASE \"{name[0]}\" RESET default_transaction_read_only");

        // The session keeps what it was told when it began.
        await Assert.ThrowsAsync<PostgresException>(() => store.WriteAsync(StoredEvents.Batch(claim, 0, 3)));
        Assert.True(StoreFailure.IsOfSession(failure));
        store.RenewConnections();

        Assert.True((await store.WriteAsync(StoredEvents.Batch(claim, 0, 3))).Committed);
    }
}
