using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Gateway.Query;
using LogPartitioning.Tests.Servers;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Gateway.Ingress;

/// <summary>Stored events as a client of the gateway reads and counts them.</summary>
[Collection(PostgresTests.Name)]
public sealed class LogReadingTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task Events_are_read_from_either_end_counted_and_searched_within_bounds()
    {
        await Database.StoreRowsAsync(0, [.. Enumerable.Range(0, 1_500).Select(i => Event("s", $"number {i}", i % 500 == 0 ? Severity.Error : Severity.Debug, Start.AddSeconds(i)))]);
        await Database.CountMinutesAsync();
        await using var gateway = await GatewayAlone.StartAsync(null, ("ConnectionStrings:logs", Database.ConnectionString), ("Query:MaxSearchedEvents", "1000"));

        var first = await ReadAsync("order=newest&limit=2");
        var second = await ReadAsync($"order=newest&limit=2&cursor={first.GetProperty("next")}");
        Assert.Equal(["number 1499", "number 1498"], MessagesOf(first));
        Assert.Equal(["number 1497", "number 1496"], MessagesOf(second));
        Assert.Equal(["number 0", "number 500", "number 1000"], MessagesOf(await ReadAsync("minLevel=error&contains=NUMBER")));

        var counts = await gateway.Client.GetFromJsonAsync<JsonElement>($"/api/logs/histogram?from={Time(30)}&to={Time(630)}&step=5m&minLevel=debug");
        Assert.Equal(
            """{"from":"2026-11-22T07:00:00Z","to":"2026-11-22T07:11:00Z","step":"5m","events":660,"buckets":[{"from":"2026-11-22T07:00:00Z","events":300,"levels":{"Debug":299,"Error":1}},{"from":"2026-11-22T07:05:00Z","events":300,"levels":{"Debug":299,"Error":1}},{"from":"2026-11-22T07:10:00Z","events":60,"levels":{"Debug":60}}]}""",
            counts.GetRawText());

        Assert.Contains("looked for in 1,500 events", await RefusedAsync("/api/logs?contains=number"), StringComparison.Ordinal);
        Assert.Contains("is one of order=newest", await RefusedAsync($"/api/logs?cursor={first.GetProperty("next")}"), StringComparison.Ordinal);
        Assert.Contains("the nearest is minLevel", await RefusedAsync("/api/logs/histogram?minLevl=error"), StringComparison.Ordinal);
        Assert.Contains("must be one of 1m, 5m, 1h, 1d", await RefusedAsync("/api/logs/histogram?step=2m"), StringComparison.Ordinal);

        Task<JsonElement> ReadAsync(string query) => gateway.Client.GetFromJsonAsync<JsonElement>($"/api/logs?{query}");

        async Task<string> RefusedAsync(string path)
        {
            using var answer = await gateway.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetRawText();
        }
    }

    private static string Time(int seconds) => Start.AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static IEnumerable<string?> MessagesOf(JsonElement page) => page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString());
}
