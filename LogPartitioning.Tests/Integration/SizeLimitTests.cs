using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>A topic that takes less than a client sends at once, on real brokers.</summary>
[Trait("Category", "Brokers")]
[Collection(SharedApplication.Name)]
public sealed class SizeLimitTests(ApplicationFixture fixture)
{
    private const int Limit = 20_000;
    private const int Partitions = 3;

    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Events_that_fit_by_themselves_are_taken_together_whether_the_limit_is_known_or_comes_later()
    {
        if (!BrokerCapabilities.From(KafkaAccess.OptionsOf(_application)).SupportsCreateTopics)
        {
            return; // Such brokers take no setting of a topic from a client.
        }

        using var admin = new AdminClientBuilder(KafkaAccess.Configure(_application, new AdminClientConfig())).Build();
        foreach (var (topic, later) in new[] { ("small-from-the-start", false), ("small-later", true) })
        {
            await CreateAsync(admin, topic, later ? 1_000_000 : Limit);
            await CreateAsync(admin, topic + ".dlq", 1_000_000);
            await using var producer = await ProducerInProcess.StartAsync(
                _application.BootstrapServers, checksTopics: true,
                ("Kafka:Topic", topic), ("Kafka:DeadLetterTopic", topic + ".dlq"), ("Kafka:Partitions", $"{Partitions}"), ("Producer:DeliveryTimeout", "00:00:30"));
            if (later)
            {
                await SetLimitAsync(admin, topic, Limit);
            }

            // Bytes that compression does not make much smaller. Where the limit came later, the first requests find it out.
            for (var request = 0; later && request < 2; request++)
            {
                Assert.Equal(300, (await AcceptedAsync(producer, 300, 500)).Count);
            }

            var offsets = await AcceptedAsync(producer, 300, 500);
            Assert.Equal(Enumerable.Range(0, 300).Select(i => offsets[0] + i), offsets);

            var (status, body) = await PostAsync(producer, Event(Limit * 2));
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
            Assert.Contains("larger than the brokers take", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Sends events of one source in one request; all must be accepted.</summary>
    /// <returns>Their offsets.</returns>
    private static async Task<List<long>> AcceptedAsync(ProducerInProcess producer, int events, int bytes)
    {
        var (status, body) = await PostAsync(producer, string.Join('\n', Enumerable.Range(0, events).Select(_ => Event(bytes))));
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(events, body.GetProperty("accepted").GetInt32());
        return [.. body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("offset").GetInt64())];
    }

    private static string Event(int bytes) =>
        $$"""{"source":"one","message":"{{Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(bytes / 2))}}"}""";

    private static async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(ProducerInProcess producer, string lines)
    {
        var type = lines.Contains('\n', StringComparison.Ordinal) ? "application/x-ndjson" : "application/json";
        using var content = new StringContent(lines, Encoding.UTF8, type);
        using var response = await producer.Client.PostAsync(new Uri("/api/logs", UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private static Task CreateAsync(IAdminClient admin, string topic, int limit) => admin.CreateTopicsAsync([new TopicSpecification
    {
        Name = topic,
        NumPartitions = Partitions,
        ReplicationFactor = 3,
        Configs = new() { ["max.message.bytes"] = $"{limit}", ["min.insync.replicas"] = "2" },
    }]);

    private static async Task SetLimitAsync(IAdminClient admin, string topic, int limit) => await admin.IncrementalAlterConfigsAsync(new()
    {
        [new ConfigResource { Type = ResourceType.Topic, Name = topic }] =
            [new ConfigEntry { Name = "max.message.bytes", Value = $"{limit}", IncrementalOperation = AlterConfigOpType.Set }],
    });
}
