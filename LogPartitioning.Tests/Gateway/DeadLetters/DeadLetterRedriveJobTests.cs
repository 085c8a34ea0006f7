using System.Net;
using System.Net.Http.Json;
using System.Text;
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

    private readonly string _topic = kafka.NewTopic();
    private readonly string _deadLetters = kafka.NewTopic();

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

        using var answer = await PostAsync(gateway, """{"dryRun":true}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(
            "This gateway is stopping and starts no redrive. Try again soon.",
            JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!.GetValue<string>());
    }

    [KafkaFact]
    public async Task Letters_are_counted_by_reason_and_a_dry_run_counts_and_sends_nothing()
    {
        await FillAsync();
        await using var gateway = await StartGatewayAsync();

        var summary = await JsonAsync(gateway, "/api/dead-letters/summary");
        Assert.Equal((60, 60, true), (summary["looked"]!.GetValue<int>(), summary["of"]!.GetValue<int>(), summary["complete"]!.GetValue<bool>()));
        Assert.Equal(["refused_by_store 40 0", "malformed_json 20 0"], summary["reasons"]!.AsArray().Select(r => $"{r!["reason"]} {r["count"]} {r["redriven"]}"));
        Assert.Equal(StoredEvents.Start.AddSeconds(19), summary["reasons"]![1]!["newest"]!.GetValue<DateTimeOffset>());

        Assert.Equal("succeeded: 20 of 20 sent, 0 before, 0 unknown, 0 failed", Outcome(await RunAsync(gateway, """{"reason":"malformed_json","dryRun":true}""")));
        Assert.Equal("succeeded: 60 of 60 sent, 0 before, 0 unknown, 0 failed", Outcome(await RunAsync(gateway, """{"dryRun":true}""")));
        Assert.Empty(SentKeys());
        Assert.Empty((await JsonAsync(gateway, Jobs))["items"]!.AsArray());
    }

    [KafkaFact]
    public async Task Letters_of_a_topic_that_was_created_again_are_counted_without_those_of_the_old_one()
    {
        await FillAsync();
        await using var gateway = await StartGatewayAsync();
        Assert.Equal(60, (await JsonAsync(gateway, "/api/dead-letters/summary"))["looked"]!.GetValue<int>());
        using (var admin = new AdminClientBuilder(new AdminClientConfig(Config)).Build())
        {
            await admin.DeleteTopicsAsync([_deadLetters]);
            await Eventually.SeesAsync("the topic created again", async _ =>
            {
                try
                {
                    await admin.CreateTopicsAsync([new TopicSpecification { Name = _deadLetters, NumPartitions = 3, ReplicationFactor = 1 }]);
                    return "";
                }
                catch (CreateTopicsException error)
                {
                    return error.Message;
                }
            }, problem => problem.Length == 0, Patience);
        }
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(Config)).Build())
        {
            // More than the old one had, so that its offsets alone do not tell.
            for (var i = 0; i < 90; i++)
            {
                var letter = new DeadLetter(_topic, 0, 1_000 + i, "later", null, StoredEvents.Start, null, [1]);
                await producer.ProduceAsync(new TopicPartition(_deadLetters, i % 3), new() { Value = letter.Serialize() });
            }
        }

        await Eventually.SeesAsync("the new letters alone", async token =>
        {
            using var answer = await gateway.Client.GetAsync("/api/dead-letters/summary", token);
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(token))!;
            return answer.IsSuccessStatusCode ? string.Join(", ", body["reasons"]!.AsArray().Select(r => $"{r!["reason"]} {r["count"]}")) : $"{body}";
        }, reasons => reasons == "later 90", Patience);
    }

    [KafkaFact]
    public async Task A_job_sends_each_letter_once_no_faster_than_asked_and_the_next_one_none()
    {
        await FillAsync();
        await using var gateway = await StartGatewayAsync();

        var job = await RunAsync(gateway, """{"reason":"malformed_json","dryRun":false,"ratePerSecond":20}""");

        Assert.Equal("succeeded: 20 of 20 sent, 0 before, 0 unknown, 0 failed", Outcome(job));
        // 19 waits of 50 ms; a timer may tick a little early.
        Assert.InRange(job["endedAt"]!.GetValue<DateTimeOffset>() - job["startedAt"]!.GetValue<DateTimeOffset>(), TimeSpan.FromSeconds(0.9), Patience);
        Assert.InRange(job["sentPerSecond"]!.GetValue<double>(), 0.1, 22);
        Assert.Equal(Enumerable.Range(0, 20).Select(KeyOf), SentKeys().Order(StringComparer.Ordinal));
        Assert.Equal("succeeded: 0 of 20 sent, 20 before, 0 unknown, 0 failed", Outcome(await RunAsync(gateway, """{"reason":"malformed_json","dryRun":true}""")));
        var again = await RunAsync(gateway, """{"reason":"malformed_json","dryRun":false}""");
        Assert.Equal("succeeded: 0 of 20 sent, 20 before, 0 unknown, 0 failed", Outcome(again));
        Assert.Null(again["sentPerSecond"]);
        Assert.Equal(20, SentKeys().Count);
        var summary = await JsonAsync(gateway, "/api/dead-letters/summary");
        Assert.Equal(["refused_by_store 40 0", "malformed_json 20 20"], summary["reasons"]!.AsArray().Select(r => $"{r!["reason"]} {r["count"]} {r["redriven"]}"));
        Assert.All((await JsonAsync(gateway, Jobs))["items"]!.AsArray(), item => Assert.Equal("replayed", item!["state"]!.GetValue<string>()));
    }

    [KafkaFact]
    public async Task One_job_runs_at_a_time_and_one_that_is_cancelled_leaves_the_rest_to_the_next()
    {
        await FillAsync();
        await using var gateway = await StartGatewayAsync();

        // Five a second: it is far from its end when it is cancelled.
        var slow = await StartAsync(gateway, """{"dryRun":false,"ratePerSecond":5}""");
        using (var second = await PostAsync(gateway, """{"dryRun":true}"""))
        {
            Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
            Assert.Contains(slow, await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        var halfway = await SeesAsync(gateway, slow, job => job["replayed"]!.GetValue<int>() >= 3, "has sent three");
        Assert.Equal((60, "running"), (halfway["total"]!.GetValue<int>(), halfway["state"]!.GetValue<string>()));
        using (var cancel = await gateway.Client.DeleteAsync($"{Jobs}/{slow}"))
        {
            Assert.Equal(HttpStatusCode.Accepted, cancel.StatusCode);
        }
        var cancelled = await EndAsync(gateway, slow);
        var sent = SentKeys().Count;
        Assert.InRange(sent, 3, 40);
        Assert.Equal($"cancelled: {sent} of 60 sent, 0 before, 0 unknown, 0 failed", Outcome(cancelled));

        Assert.Equal($"succeeded: {60 - sent} of 60 sent, {sent} before, 0 unknown, 0 failed", Outcome(await RunAsync(gateway, """{"dryRun":false,"ratePerSecond":1000}""")));
        Assert.Equal(Enumerable.Range(0, 60).Select(KeyOf), SentKeys().Order(StringComparer.Ordinal));
        var list = await JsonAsync(gateway, Jobs);
        Assert.Equal(["succeeded", "cancelled"], list["jobs"]!.AsArray().Select(job => job!["state"]!.GetValue<string>()));
        Assert.Equal(60, list["items"]!.AsArray().Count);
    }

    [KafkaFact]
    public async Task What_a_stopped_gateway_has_left_another_one_sends_and_nothing_twice()
    {
        await FillAsync();
        await using (var first = await StartGatewayAsync())
        {
            var job = await StartAsync(first, """{"dryRun":false,"ratePerSecond":20}""");
            await SeesAsync(first, job, seen => seen["replayed"]!.GetValue<int>() >= 5, "has sent five");
        }
        var sent = SentKeys();
        Assert.InRange(sent.Count, 5, 59);
        // As one leaves it that is killed between the intention and the answer: nobody knows whether it arrived.
        var inDoubt = Enumerable.Range(0, 60).First(number => !sent.Contains(KeyOf(number)));
        await Database.ExecuteAsync($"""INSERT INTO dead_letter_replays (topic, partition, "offset", topic_id, state) VALUES ('{_topic}', {inDoubt % 3}, {inDoubt}, '', 'sending')""");

        await using var second = await StartGatewayAsync();
        Assert.Empty((await JsonAsync(second, Jobs))["jobs"]!.AsArray());
        var dry = Outcome(await RunAsync(second, """{"dryRun":true}"""));
        var job2 = Outcome(await RunAsync(second, """{"dryRun":false,"ratePerSecond":1000}"""));

        Assert.Equal($"succeeded: {59 - sent.Count} of 60 sent, {sent.Count} before, 1 unknown, 0 failed", dry);
        Assert.Equal(dry, job2);
        Assert.Equal(Enumerable.Range(0, 60).Except([inDoubt]).Select(KeyOf), SentKeys().Order(StringComparer.Ordinal));
    }

    [KafkaFact]
    public async Task Named_letters_and_what_cannot_be_sent_have_their_outcomes()
    {
        await FillAsync();
        using (var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(Config)).Build())
        {
            // A record that was too large for its letter and that the brokers no longer have, one of another topic, and what is no letter.
            await producer.ProduceAsync(_deadLetters, new() { Value = new DeadLetter(_topic, 0, 1_000, "gone", null, StoredEvents.Start, null, null).Serialize() });
            await producer.ProduceAsync(_deadLetters, new() { Value = new DeadLetter("another", 0, 1, "another_topic", null, StoredEvents.Start, null, [1]).Serialize() });
            await producer.ProduceAsync(_deadLetters, new() { Value = "no letter"u8.ToArray() });
            await producer.ProduceAsync(_deadLetters, new() { Value = new DeadLetter(_topic, 0, 1_001, "", null, StoredEvents.Start, null, [1]).Serialize() });
        }
        await using var gateway = await StartGatewayAsync();

        foreach (var reason in new[] { "gone", "another_topic", "unreadable" })
        {
            foreach (var dryRun in new[] { "true", "false" })
            {
                Assert.Equal("succeeded: 0 of 1 sent, 0 before, 0 unknown, 1 failed", Outcome(await RunAsync(gateway, $$"""{"reason":"{{reason}}","dryRun":{{dryRun}}}""")));
            }
        }
        Assert.Contains("(other) 1", (await JsonAsync(gateway, "/api/dead-letters/summary"))["reasons"]!.AsArray().Select(r => $"{r!["reason"]} {r["count"]}"));

        var named = $$"""{"items":[{{Item(3)}},{{Item(4)}},{{Item(3)}},{{Item(777)}}],"dryRun":false,"ratePerSecond":1000}""";
        Assert.Equal("succeeded: 2 of 3 sent, 0 before, 0 unknown, 1 failed", Outcome(await RunAsync(gateway, named)));
        Assert.Equal("succeeded: 0 of 3 sent, 2 before, 0 unknown, 1 failed", Outcome(await RunAsync(gateway, named)));
        Assert.Equal([KeyOf(3), KeyOf(4)], SentKeys().Order(StringComparer.Ordinal));

        string Item(int number) => $$"""{"topic":"{{_topic}}","partition":{{number % 3}},"offset":{{number}}}""";
    }

    [Theory]
    [InlineData("""{"reason":"gone"}""", "dryRun")]
    [InlineData("""{"reason":"","dryRun":true}""", "reason")]
    [InlineData("""{"reason":"gone","items":[{"topic":"t","partition":0,"offset":1}],"dryRun":true}""", "reason")]
    [InlineData("""{"items":[],"dryRun":true}""", "items")]
    [InlineData("""{"items":[{"topic":"t","partition":0,"offset":1,"event":{"source":"a","message":"m"}}],"dryRun":true}""", "items[0].event")]
    [InlineData("""{"dryRun":true,"ratePerSecond":0}""", "ratePerSecond")]
    [InlineData("""{"dryRun":true,"ratePerSecond":1001}""", "ratePerSecond")]
    public async Task An_order_that_is_wrong_starts_nothing(string body, string field)
    {
        await using var gateway = await GatewayAlone.StartAsync();
        using var answer = await PostAsync(gateway, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal([field], JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(error => error.Key));
        Assert.Empty(gateway.Services.GetRequiredService<DeadLetterRedriveJobs>().List());
    }

    private Dictionary<string, string> Config => new(new ClientConfig { BootstrapServers = kafka.BootstrapServers });

    private static string KeyOf(int number) => $"checkout-{number:00}";

    /// <summary>60 letters in three partitions, the first 20 of another reason than the rest.</summary>
    private async Task FillAsync()
    {
        using (var admin = new AdminClientBuilder(new AdminClientConfig(Config)).Build())
        {
            await admin.CreateTopicsAsync(new[] { _topic, _deadLetters }.Select(name => new TopicSpecification { Name = name, NumPartitions = 3, ReplicationFactor = 1 }));
        }
        using var producer = new ProducerBuilder<Null, byte[]>(new ProducerConfig(Config)).Build();
        for (var i = 0; i < 60; i++)
        {
            var letter = new DeadLetter(
                _topic, i % 3, i, i < 20 ? DeadLetterReason.MalformedJson : DeadLetterReason.RefusedByStore, null, StoredEvents.Start.AddSeconds(i),
                Encoding.UTF8.GetBytes(KeyOf(i)), LogEventJson.Serialize(StoredEvents.Event()));
            await producer.ProduceAsync(new TopicPartition(_deadLetters, i % 3), new() { Value = letter.Serialize() });
        }
    }

    private Task<GatewayAlone> StartGatewayAsync() => GatewayAlone.StartAsync(
        null, ("ConnectionStrings:kafka", kafka.BootstrapServers), ("ConnectionStrings:logs", Database.ConnectionString),
        ("Kafka:Topic", _topic), ("Kafka:DeadLetterTopic", _deadLetters), ("Kafka:Partitions", "3"));

    /// <summary>The keys of all records in the topic of the events, in no order.</summary>
    private List<string> SentKeys()
    {
        using var consumer = new ConsumerBuilder<byte[], Ignore>(new ConsumerConfig(Config) { GroupId = "sent", EnablePartitionEof = true, EnableAutoCommit = false }).Build();
        consumer.Assign(Enumerable.Range(0, 3).Select(partition => new TopicPartitionOffset(_topic, partition, Offset.Beginning)));
        var keys = new List<string>();
        for (var ends = 0; ends < 3;)
        {
            var result = consumer.Consume(Patience);
            Assert.True(result is not null, "The broker did not give the records.");
            if (result.IsPartitionEOF)
            {
                ends++;
            }
            else
            {
                keys.Add(Encoding.UTF8.GetString(result.Message.Key ?? []));
            }
        }
        return keys;
    }

    private static string Outcome(JsonNode job) =>
        $"{job["state"]}: {job["replayed"]} of {job["total"]} sent, {job["alreadyReplayed"]} before, {job["unknown"]} unknown, {job["failed"]} failed";

    private static async Task<HttpResponseMessage> PostAsync(GatewayAlone gateway, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await gateway.Client.PostAsync(Jobs, content);
    }

    private static async Task<JsonNode> JsonAsync(GatewayAlone gateway, string path) => (await gateway.Client.GetFromJsonAsync<JsonNode>(path))!;

    private static async Task<string> StartAsync(GatewayAlone gateway, string body)
    {
        using var answer = await PostAsync(gateway, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, text);
        return JsonNode.Parse(text)!["id"]!.GetValue<string>();
    }

    private static async Task<JsonNode> RunAsync(GatewayAlone gateway, string body) => await EndAsync(gateway, await StartAsync(gateway, body));

    private static Task<JsonNode> EndAsync(GatewayAlone gateway, string id) => SeesAsync(gateway, id, job => job["state"]!.GetValue<string>() != "running", "has ended");

    private static Task<JsonNode> SeesAsync(GatewayAlone gateway, string id, Func<JsonNode, bool> condition, string what) =>
        Eventually.SeesAsync($"a job that {what}", _ => JsonAsync(gateway, $"{Jobs}/{id}"), condition, Patience, TimeSpan.FromMilliseconds(50));
}
