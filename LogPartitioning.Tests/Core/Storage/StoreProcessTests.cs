using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace LogPartitioning.Tests.Core.Storage;

/// <summary>The services as processes of their own before a store that is not theirs yet, or no more.</summary>
[Collection(PostgresTests.Name)]
public sealed class StoreProcessTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private NpgsqlDataSource _database = null!;

    public async Task InitializeAsync() => _database = await server.CreateEmptyDatabaseAsync();

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [PostgresFact]
    public async Task A_service_older_than_the_schema_says_so_and_ends_with_an_exit_code_of_its_own()
    {
        await _database.MakeSchemaAsync();
        await _database.ExecuteAsync("INSERT INTO schema_versions (version, name, sha256, compatible_from, applied_at) VALUES (999, 'from_tomorrow', '', 999, now())");
        foreach (var service in new[] { "Consumer", "Gateway", "Producer" })
        {
            using var program = Start(service);

            var code = await program.WaitForExitAsync(s_patience);
            Assert.True(code == CheckedStart.WrongStoreExitCode, $"{service} ended with {code} and wrote:\n{program.Output}");
            Assert.Contains("The service does not start. The log store is at version 999 (from_tomorrow, applied ", program.Output, StringComparison.Ordinal);
            Assert.Contains($"works with programs of version 999 and later; this one is of version {Migration.All.Count}.", program.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", program.Output, StringComparison.Ordinal);
        }
    }

    [PostgresFact]
    public async Task The_consumer_with_migrate_makes_the_tables_and_ends()
    {
        using var first = Start("Consumer", "--migrate");
        Assert.Equal(0, await first.WaitForExitAsync(s_patience));
        Assert.Contains($"The log store is at version {Migration.All.Count} of its schema.", first.Output, StringComparison.Ordinal);
        Assert.Equal(Migration.All.Count, await _database.CountAsync("SELECT count(*) FROM schema_versions"));

        using var nowhere = Start("Consumer", "--migrate", "--ConnectionStrings:logs=Host=127.0.0.1;Port=1;Username=nobody;Timeout=1");
        Assert.Equal(1, await nowhere.WaitForExitAsync(s_patience));
        Assert.DoesNotContain("   at ", nowhere.Output, StringComparison.Ordinal);
    }

    private ChildProgram Start(string service, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ConnectionStrings__kafka"] = "127.0.0.1:1",
            ["ConnectionStrings__logs"] = _database.ConnectionString,
            ["ConnectionStrings__redis"] = "127.0.0.1:1,abortConnect=false",
            ["Consumer__LastScrapeWait"] = "00:00:00",
        };
        // Where the build put it, in the configuration and framework of this test.
        var folder = AppContext.BaseDirectory.Replace("LogPartitioning.Tests", $"LogPartitioning.{service}", StringComparison.Ordinal);
        return ChildProgram.Start(Path.Combine(folder, $"LogPartitioning.{service}"), arguments, environment);
    }
}
