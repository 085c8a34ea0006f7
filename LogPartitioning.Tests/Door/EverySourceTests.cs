using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Door;

/// <summary>Every source that can be written can be asked for, split, united and filtered, through the gateway.</summary>
[Collection(PostgresTests.Name)]
public sealed class EverySourceTests(PostgresServer server) : DatabaseTest(server)
{
    private static readonly string[] s_sources =
    [
        "..", ".", "...", "a/b", "/", "//", "/a/", "a/../b", "../../api/logs", "%", "%2F", "%2e%2e", "100%25", "a%2Fb", " ", " a ", "?x=1&source=z#f", "+", "a+b", "\\", "..\\..",
        "'; DROP TABLE log_events; --", "\"", "<b>", "{source}", "a;b=c", "日本語", "عربى", "ü", "u\u0308", "\u202e", "\ufeff", "\u2028", "e\u0301", "~", "http://host/x",
        string.Concat(Enumerable.Repeat("\ud83e\udeb5", 255)), new string('/', 255), new string('%', 255),
    ];

    [PostgresFact]
    public async Task A_source_of_any_text_is_written_split_shown_united_and_filtered()
    {
        using var cluster = new MockCluster(brokers: 1);
        cluster.CreateTopic("log-events", 12, replicas: 1);
        var connection = new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Pooling = true }.ConnectionString;
        await using var producer = await ProducerInProcess.StartAsync(cluster.BootstrapServers, checksTopics: false, ("ConnectionStrings:logs", connection));
        await using var gateway = await GatewayAlone.StartAsync(
            null, ("ConnectionStrings:logs", connection), ("Gateway:Producer", producer.Client.BaseAddress!.ToString()));
        await StoreAsync();
        foreach (var source in s_sources)
        {
            using var written = await gateway.Client.PostAsJsonAsync("/api/logs", new { source, message = "m" });
            Assert.True(written.StatusCode == HttpStatusCode.Accepted, $"{source}: {await written.Content.ReadAsStringAsync()}");

            var named = $"/api/partition-mapping?source={Uri.EscapeDataString(source)}";
            using var split = await gateway.Client.PutAsJsonAsync(named, new { keys = 3 });
            Assert.True(split.StatusCode == HttpStatusCode.OK, $"{source}: {await split.Content.ReadAsStringAsync()}");
            Assert.Equal(source, (await split.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("source").GetString());

            var mapping = (await gateway.Client.GetFromJsonAsync<JsonElement>(named)).GetProperty("sources")[0];
            Assert.Equal((source, "api"), (mapping.GetProperty("source").GetString(), mapping.GetProperty("split").GetString()));
            Assert.Equal(
                [$"{source}-1", $"{source}-2", $"{source}-3"],
                mapping.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("key").GetString()));

            using var united = await gateway.Client.DeleteAsync(named);
            Assert.True(united.StatusCode == HttpStatusCode.OK, $"{source}: {await united.Content.ReadAsStringAsync()}");

            var page = await gateway.Client.GetFromJsonAsync<JsonElement>($"/api/logs?source={Uri.EscapeDataString(source)}");
            var item = Assert.Single(page.GetProperty("items").EnumerateArray());
            Assert.Equal((source, source), (item.GetProperty("source").GetString(), item.GetProperty("message").GetString()));
        }

        var all = await gateway.Client.GetFromJsonAsync<JsonElement>("/api/partition-mapping");
        Assert.Subset(all.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("source").GetString()).ToHashSet(), s_sources.ToHashSet<string?>());
    }

    [PostgresFact]
    public async Task In_a_path_a_source_means_the_same_or_is_refused_with_the_way_to_say_it()
    {
        using var cluster = new MockCluster(brokers: 1);
        cluster.CreateTopic("log-events", 12, replicas: 1);
        await using var producer = await ProducerInProcess.StartAsync(cluster.BootstrapServers, checksTopics: false, ("ConnectionStrings:logs", Database.ConnectionString));
        await using var gateway = await GatewayAlone.StartAsync(null, ("Gateway:Producer", producer.Client.BaseAddress!.ToString()));
        foreach (var source in s_sources)
        {
            foreach (var (service, path) in new[] { (gateway.Client, "/api/partition-mapping"), (producer.Client, "/api/logs/partition-mapping") })
            {
                var body = """{"keys":3}"""u8.ToArray();
                var (status, answer) = await RawRequest.SendAsync(
                    service.BaseAddress!,
                    RawRequest.Head($"PUT {path}/{Uri.EscapeDataString(source)}", "Content-Type: application/json", $"Content-Length: {body.Length}"),
                    body);

                // A segment of dots alone is another path to whatever the request passes on its way, this server among them.
                if (source is "." or "..")
                {
                    Assert.Contains(status, (int[])[400, 404, 405]);
                    continue;
                }

                Assert.True(status == 200, $"{source}: {answer}");
                var json = answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)];
                Assert.Equal(source, JsonElement.Parse(json).GetProperty("source").GetString());
            }
        }

        var (refused, why) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, RawRequest.Head("DELETE /api/partition-mapping/a/../b"));
        Assert.Equal(400, refused);
        Assert.Contains("/api/partition-mapping?source=", why, StringComparison.Ordinal);
    }

    private async Task StoreAsync()
    {
        var store = new LogStore(Database, "group", "topic");
        var claim = await store.ClaimAsync(0);
        var records = s_sources.Select((source, i) => StoredEvents.Record(claim.NextOffset + i, StoredEvents.Event(source, source)));
        Assert.True((await store.WriteAsync(StoredEvents.Batch(claim, claim.NextOffset, [.. records]))).Committed);
    }
}
