using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>History is asked for at the gateway and read again by a consumer instance.</summary>
[Collection(SharedApplication.Name)]
public sealed class ReplayTests(ApplicationFixture fixture)
{
    private const int Events = 3000;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Rows_that_were_deleted_come_back_once_and_those_that_were_not_stay()
    {
        var prefix = $"replayed-{Guid.NewGuid():N}"[..20];
        await using (var load = await AuditedLoad.StartAsync(_application, new SyntheticTraffic
        {
            Events = Events,
            Sources = 24,
            SourcePrefix = prefix,
            Sending = new SendingOptions { Batch = 100 },
        }))
        {
            await Eventually.SeesAsync("all events stored", _ => CountAsync(prefix), stored => stored == Events, Deadline);
        }
        await _application.Logs.ExecuteAsync($"DELETE FROM log_events WHERE source LIKE '{prefix}%' AND \"offset\" % 2 = 0");
        var left = await CountAsync(prefix);
        Assert.InRange(left, 1, Events - 1);

        using var answer = await _application.Gateway.PostAsJsonAsync("/api/consumer/replay", new { partition = "all", from = 0 });

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var replay = await Eventually.SeesAsync(
            "the replay completed",
            token => _application.Gateway.GetFromJsonAsync<JsonElement>(answer.Headers.Location, token),
            job => job.GetProperty("state").GetString() != "running",
            Deadline);
        Assert.Equal(("completed", 1d, Events - left), (replay.GetProperty("state").GetString(), replay.GetProperty("done").GetDouble(), replay.GetProperty("stored").GetInt64()));
        Assert.Equal(Events, await CountAsync(prefix));
    }

    private Task<long> CountAsync(string prefix) => _application.Logs.CountAsync($"SELECT count(*) FROM log_events WHERE source LIKE '{prefix}%'");
}
