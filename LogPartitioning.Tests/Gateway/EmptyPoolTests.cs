using System.Net;
using System.Text.Json.Nodes;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace LogPartitioning.Tests.Gateway;

/// <summary>A gateway whose connections to the log store are all in use.</summary>
[Collection(PostgresTests.Name)]
public sealed class EmptyPoolTests(PostgresServer server)
{
    [PostgresFact]
    public async Task A_request_waits_a_bounded_time_and_is_told_why()
    {
        await using var gateway = await GatewayAlone.StartAsync(
            null, ("ConnectionStrings:logs", $"{server.ConnectionString("postgres")};Maximum Pool Size=2;Timeout=1"));
        var database = gateway.Services.GetRequiredService<NpgsqlDataSource>();
        await Eventually.SeesAsync(
            "a table that can be read",
            async token => (await gateway.Client.GetAsync("/api/logs", token)).StatusCode,
            status => status == HttpStatusCode.OK,
            TimeSpan.FromSeconds(60));

        await using var first = await database.OpenConnectionAsync();
        await using var second = await database.OpenConnectionAsync();

        foreach (var path in (string[])["/api/logs", "/api/consumer/gaps"])
        {
            using var answer = await gateway.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
            Assert.Equal("All connections to the log store are in use.", JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>());
        }
    }
}
