using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.Testing;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Integration;

/// <summary>The database is read-only for a while, as a replica is that is about to be promoted.</summary>
[Collection(SharedApplication.Name)]
public sealed class FailoverTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Sessions_of_a_read_only_server_are_renewed_and_until_then_no_view_calls_it_well()
    {
        await using var load = await AuditedLoad.StartAsync(_application, new SyntheticTraffic
        {
            Events = null,
            Rate = 200,
            Sources = 48,
            SourcePrefix = "failover",
            Sending = new SendingOptions { Batch = 10 },
        });
        await Eventually.TrueAsync("events acknowledged", () => load.Statistics.Acknowledged > 200, Patience);
        await using var admin = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(_application.Logs.ConnectionString)
        {
            Password = new NpgsqlConnectionStringBuilder(await _application.Application.GetConnectionStringAsync("logs")).Password,
            Options = "-c default_transaction_read_only=off",
            Pooling = false,
        }.ConnectionString);
        var database = (await admin.ListAsync<string>("SELECT current_database()::text"))[0];
        await admin.ExecuteAsync($"ALTER DATABASE \"{database}\" SET default_transaction_read_only = on");
        try
        {
            await admin.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            // The test's own, too.
            _application.Logs.Clear();
            await SeesVerdictAsync("STALL");
            Assert.Equal("unhealthy", (await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/health")).GetProperty("status").GetString());
        }
        finally
        {
            await admin.ExecuteAsync($"ALTER DATABASE \"{database}\" RESET default_transaction_read_only");
        }

        var writable = DateTimeOffset.UtcNow;
        var audit = await load.AuditAsync(Patience);
        load.AssertPassed(audit);
        await SeesVerdictAsync("OK");
        Assert.InRange(DateTimeOffset.UtcNow - writable, TimeSpan.Zero, TimeSpan.FromMinutes(1));
    }

    private Task<string?> SeesVerdictAsync(string verdict) => Eventually.SeesAsync(
        $"the verdict {verdict}",
        async token => (await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/consumer/lag", token)).GetProperty("verdict").GetString(),
        seen => seen == verdict,
        Patience);
}
