using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage.Retention;
using LogPartitioning.Tests.Gateway.Query;
using LogPartitioning.Tests.Servers;
using LogPartitioning.Tests.ServiceDefaults.Access;
using static LogPartitioning.Tests.Consumer.Storage.StoredEvents;

namespace LogPartitioning.Tests.Gateway.Retention;

/// <summary>Retention as an operator sees and starts it.</summary>
[Collection(PostgresTests.Name)]
public sealed class RetentionApiTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [PostgresFact]
    public async Task It_is_shown_before_it_acts_then_done_and_shown_with_what_it_freed()
    {
        var today = DateTimeOffset.UtcNow.Date;
        foreach (var day in new[] { -40, -31, -1 })
        {
            await Database.ExecuteAsync(FormattableString.Invariant($"SELECT make_log_day('{today.AddDays(day):yyyy-MM-dd}')"));
        }

        await Database.StoreRowsAsync(0, [.. new[] { -40, -40, -31, -1, -1, -1 }.Select((day, i) => Event("s", $"number {i}", Severity.Information, new(today.AddDays(day).AddHours(5), TimeSpan.Zero)))]);
        await Database.CountMinutesAsync();
        await using var gateway = await GatewayAlone.StartAsync(null, ("ConnectionStrings:logs", Database.ConnectionString));

        var before = await gateway.Client.GetFromJsonAsync<JsonElement>("/api/retention");
        using var started = await gateway.Client.PostAsync("/api/retention", null);
        Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
        var after = await Eventually.SeesAsync(
            "the run",
            token => gateway.Client.GetFromJsonAsync<JsonElement>("/api/retention", token),
            view => view.GetProperty("runs").GetArrayLength() == 1 && !view.GetProperty("running").GetBoolean(),
            s_patience);

        Assert.Equal(30, before.GetProperty("settings").GetProperty("retentionDays").GetInt32());
        Assert.Equal(3, before.GetProperty("plan").GetProperty("events").GetInt64());
        Assert.Equal(
            [$"{today.AddDays(-40):yyyy-MM-dd}", $"{today.AddDays(-31):yyyy-MM-dd}"],
            before.GetProperty("plan").GetProperty("items").EnumerateArray().Where(item => item.GetProperty("kind").GetString() == "day").Select(item => item.GetProperty("day").GetString()));
        Assert.Equal(0, before.GetProperty("runs").GetArrayLength());

        var run = after.GetProperty("runs")[0];
        Assert.Equal((2, 3L, "gateway"), (run.GetProperty("days").GetInt32(), run.GetProperty("events").GetInt64(), run.GetProperty("by").GetString()));
        Assert.True(run.GetProperty("bytes").GetInt64() > 0, $"the run tells that it freed nothing: {run}");
        Assert.Equal(0, after.GetProperty("plan").GetProperty("events").GetInt64());
        Assert.Equal(3, await Database.CountAsync("SELECT count(*) FROM log_events"));
        Assert.Equal(3, await Database.CountAsync("SELECT sum(events) FROM log_counts"));
    }

    [PostgresFact]
    public async Task A_second_one_is_refused_while_one_runs()
    {
        await using var gateway = await GatewayAlone.StartAsync(null, ("ConnectionStrings:logs", Database.ConnectionString));
        await using (await RetentionTurn.TryTakeAsync(Database, CancellationToken.None))
        {
            using var refused = await gateway.Client.PostAsync("/api/retention", null);

            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains("Only one run goes on at a time", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.True((await gateway.Client.GetFromJsonAsync<JsonElement>("/api/retention")).GetProperty("running").GetBoolean());
        }

        using var accepted = await gateway.Client.PostAsync("/api/retention", null);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
    }

    [PostgresFact]
    public async Task A_readers_key_shows_it_and_an_operators_alone_starts_it()
    {
        await using var gateway = await GatewayAlone.StartAsync(
            null,
            [
                ("ConnectionStrings:logs", Database.ConnectionString),
                .. ProtectedService.Key(0, "reader", "read").Concat(ProtectedService.Key(1, "writer", "write")).Concat(ProtectedService.Key(2, "operator", "operate")).Select(setting => (setting.Key, setting.Value!)),
            ]);

        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Post, null));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Get, "writer"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "writer"));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, "reader"));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Post, "reader"));
        Assert.Equal(0, await Database.CountAsync("SELECT count(*) FROM retention_runs"));

        Assert.Equal(HttpStatusCode.Accepted, await AskAsync(HttpMethod.Post, "operator"));
        await Eventually.SeesAsync("the run", _ => Database.CountAsync("SELECT count(*) FROM retention_runs"), runs => runs == 1, s_patience);

        async Task<HttpStatusCode> AskAsync(HttpMethod method, string? name)
        {
            using var request = new HttpRequestMessage(method, "/api/retention");
            if (name is not null)
            {
                request.Headers.Add("X-Api-Key", ProtectedService.KeyOf(name));
            }

            using var answer = await gateway.Client.SendAsync(request);
            return answer.StatusCode;
        }
    }
}
