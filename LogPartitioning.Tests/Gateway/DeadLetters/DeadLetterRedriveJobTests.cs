using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.Gateway.DeadLetters;

/// <summary>Dead letters counted, and sent through again by jobs, with a real broker and a real database.</summary>
[Collection(PostgresTests.Name)]
public sealed class DeadLetterRedriveJobTests(PostgresServer server, KafkaServer kafka) : DatabaseTest(server), IClassFixture<KafkaServer>
{
    private const string Jobs = "/api/dead-letters/redrives";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void The_newest_are_shared_out_and_small_partitions_leave_their_room_to_large_ones()
    {
        var held = new Dictionary<int, PartitionBounds> { [0] = new(5, 7), [1] = new(0, 100), [2] = new(10, 110), [3] = new(4, 4) };

        Assert.Equal(
            [new OffsetRange(0, 5, 7), new OffsetRange(1, 86, 100), new OffsetRange(2, 96, 110), new OffsetRange(3, 4, 4)],
            DeadLetterSummary.Newest(held, 30).OrderBy(range => range.Partition));
        Assert.Equal(202, DeadLetterSummary.Newest(held, 1000).Sum(range => range.Length));
    }

    [Fact]
    public async Task A_gateway_that_stops_starts_no_job_and_says_so()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        await gateway.Services.GetRequiredService<DeadLetterRedriveJobs>().StopAsync(CancellationToken.None);

        using var answer = await gateway.Client.PostAsync(Jobs, new StringContent("""{"dryRun":true}""", System.Text.Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(
            "This gateway is stopping and starts no redrive. Try again soon.",
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>());
    }

    [KafkaFact]
    public async Task Jobs_send_what_they_are_asked_for_and_none_twice()
    {
        var (topic, deadLetters) = (kafka.NewTopic(), kafka.NewTopic());
        var config = new Dictionary<string, string>(new ClientConfig { BootstrapServers = kafka.BootstrapServers });
        using (var admin = new AdminClientBuilder(new AdminClientConfig(config)).Build())
        {
            await admin.CreateTopicsAsync(new[] { topic, deadLetters }.Select(name => new TopicSpecification { Name = name, NumPartitions = 3, ReplicationFactor = 1 }));
        }
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(config)).Build())
        {
            for (var i = 0; i < 60; i++)
            {
                var letter = new DeadLetter(
                    topic, i % 3, i, i < 20 ? DeadLetterReason.MalformedJson : DeadLetterReason.RefusedByStore, null, StoredEvents.Start.AddSeconds(i),
                    "checkout"u8.ToArray(), LogEventJson.Serialize(StoredEvents.Event()));
                await producer.ProduceAsync(new TopicPartition(deadLetters, i % 3), new Message<Null, byte[]> { Value = letter.Serialize() });
            }
        }
        await using var gateway = await GatewayAlone.StartAsync(
            null, ("ConnectionStrings:kafka", kafka.BootstrapServers), ("ConnectionStrings:logs", Database.ConnectionString),
            ("Kafka:Topic", topic), ("Kafka:DeadLetterTopic", deadLetters), ("Kafka:Partitions", "3"));
        using var bounds = new TopicBoundsReader(new ClientConfig { BootstrapServers = kafka.BootstrapServers });

        var summary = await JsonAsync("/api/dead-letters/summary");
        Assert.Equal((60, 60, true), (summary["looked"]!.GetValue<int>(), summary["of"]!.GetValue<int>(), summary["complete"]!.GetValue<bool>()));
        Assert.Equal(["refused_by_store 40 0", "malformed_json 20 0"], summary["reasons"]!.AsArray().Select(r => $"{r!["reason"]} {r["count"]} {r["redriven"]}"));
        Assert.Equal(StoredEvents.Start.AddSeconds(19), summary["reasons"]![1]!["newest"]!.GetValue<DateTimeOffset>());

        Assert.Equal("succeeded 20 0", Outcome(await EndAsync(await StartAsync("""{"reason":"malformed_json","dryRun":true}"""))));
        Assert.Equal(0, await SentAsync());
        Assert.Equal("succeeded 20 0", Outcome(await EndAsync(await StartAsync("""{"reason":"malformed_json","dryRun":false,"ratePerSecond":1000}"""))));
        Assert.Equal(20, await SentAsync());

        // Two a second: it is far from its end when it is cancelled.
        var slow = await StartAsync("""{"dryRun":false,"ratePerSecond":2}""");
        using (var second = await gateway.Client.PostAsync(Jobs, Json("""{"dryRun":true}""")))
        {
            Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
            Assert.Contains(slow, await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        await SeesAsync(slow, job => job["replayed"]!.GetValue<int>() >= 2, "has sent two");
        using (await gateway.Client.DeleteAsync($"{Jobs}/{slow}"))
        {
        }
        var cancelled = await EndAsync(slow);
        Assert.Equal("cancelled", cancelled["state"]!.GetValue<string>());
        var sent = await SentAsync();
        Assert.InRange(sent, 22, 40);
        Assert.Equal(sent - 20, cancelled["replayed"]!.GetValue<int>());

        Assert.Equal($"succeeded {60 - sent} {sent}", Outcome(await EndAsync(await StartAsync("""{"dryRun":false,"ratePerSecond":1000}"""))));
        Assert.Equal("succeeded 0 60", Outcome(await EndAsync(await StartAsync("""{"dryRun":false,"ratePerSecond":1000}"""))));
        Assert.Equal(60, await SentAsync());
        var list = await JsonAsync(Jobs);
        Assert.Equal((5, 60), (list["jobs"]!.AsArray().Count, list["items"]!.AsArray().Count));

        static string Outcome(JsonNode job) => $"{job["state"]} {job["replayed"]} {job["alreadyReplayed"]}";

        static StringContent Json(string body) => new(body, System.Text.Encoding.UTF8, "application/json");

        async Task<JsonNode> JsonAsync(string path) => (await gateway.Client.GetFromJsonAsync<JsonNode>(path))!;

        async Task<long> SentAsync() => (await bounds.ReadAsync(topic, CancellationToken.None)).Values.Sum(b => b.High);

        async Task<string> StartAsync(string body)
        {
            using var answer = await gateway.Client.PostAsync(Jobs, Json(body));
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.Accepted, text);
            return JsonNode.Parse(text)!["id"]!.GetValue<string>();
        }

        Task<JsonNode> EndAsync(string id) => SeesAsync(id, job => job["state"]!.GetValue<string>() != "running", "has ended");

        async Task<JsonNode> SeesAsync(string id, Func<JsonNode, bool> condition, string what)
        {
            var deadline = DateTime.UtcNow + Patience;
            while (true)
            {
                var job = await JsonAsync($"{Jobs}/{id}");
                if (condition(job))
                {
                    return job;
                }
                Assert.True(DateTime.UtcNow < deadline, $"no job that {what} within {Patience.TotalSeconds} s: {job}");
                await Task.Delay(50);
            }
        }
    }
}
