using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>As whom the application uses its own database.</summary>
[Collection(SharedApplication.Name)]
public sealed class StoreAccessTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [ServerFact]
    public async Task The_services_work_as_a_role_that_owns_nothing_on_tables_that_a_consumer_made_as_their_owner()
    {
        var database = fixture.Application.Logs;

        await Eventually.SeesAsync(
            "services at the database",
            _ => database.ListAsync<string>("SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1"),
            roles => roles is ["logs_app"] or ["logs_app", "postgres"],
            s_patience);
        Assert.Equal(["logs_owner"], await database.ListAsync<string>("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'public'"));
        Assert.Equal(Migration.All.Count, await database.CountAsync("SELECT count(*) FROM schema_versions WHERE applied_by = 'logs_owner' AND applied_at IS NOT NULL"));
        Assert.Equal(
            ["fsync on", "full_page_writes on", "synchronous_commit on"],
            await database.ListAsync<string>("SELECT name || ' ' || setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND source = 'command line' ORDER BY 1"));
    }
}
