using System.Globalization;
using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Consumer;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Core.Kafka;

/// <summary>Partitions that are added while everything runs: writers go on as before, readers take all of them.</summary>
[Collection(KafkaTests.Name)]
public sealed class MorePartitionsTests(KafkaServer server)
{
    private const int Before = 3;
    private const int After = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _topic = server.NewTopic();

    /// <summary>Clients look for new partitions every few minutes; here every second.</summary>
    private KeyValuePair<string, string?>[] Settings =>
    [
        new("Kafka:Topic", _topic), new("Kafka:DeadLetterTopic", $"{_topic}.dlq"), new("Kafka:Group", _topic), new("Kafka:Partitions", $"{Before}"),
        new("Kafka:ReplicationFactor", "1"), new("Kafka:MinInSyncReplicas", "1"), new("Kafka:Client:TopicMetadataRefreshIntervalMs", "1000"),
    ];

    [KafkaFact]
    public async Task Producers_go_on_with_the_number_of_the_setting_and_their_health_says_so()
    {
        await using var producer = await ProducerAlone.StartAsync(server.BootstrapServers, _topic, null, Settings);
        await Eventually.SeesAsync("an acknowledged event", token => producer.PostAsync("first", token), answer => answer.Status == HttpStatusCode.Accepted, Patience);
        await AddPartitionsAsync();

        var said = $"Degraded: Topic \"{_topic}\" has partitions {After}, but Kafka:Partitions says {Before}. "
            + $"Events go to the first {Before} as before, and the consumers read all, until the services start again with {After}.";
        await Eventually.SeesAsync("the producer's health", producer.BrokersAsync, health => health == said, Patience);
        for (var i = 0; i < 100; i++)
        {
            var (status, answer) = await producer.PostAsync($"source-{i}", CancellationToken.None);
            Assert.Equal((HttpStatusCode.Accepted, KeyPartitioner.PartitionOf($"source-{i}", Before)), (status, answer["partition"]!.GetValue<int>()));
        }

        var wrong = await Assert.ThrowsAsync<TopologyException>(EnsureAsync);
        Assert.StartsWith(
            $"Topic \"{_topic}\" has partitions {After}, but Kafka:Partitions says {Before}. Partitions cannot be taken away: set Kafka:Partitions to {After} for all services, and start again.",
            wrong.Message,
            StringComparison.Ordinal);
    }

    [KafkaFact]
    public async Task Consumers_store_what_others_write_to_the_new_partitions_and_the_lag_covers_them()
    {
        var postgres = new PostgresServer();
        await postgres.InitializeAsync();
        try
        {
            await EnsureAsync();
            await using var database = await postgres.CreateDatabaseAsync();
            await using var consumer = Consumer(database.ConnectionString);
            await consumer.StartAsync();
            await SendAsync(Before - 1);
            await Eventually.SeesAsync("an event of a partition that was there", _ => database.OffsetsAsync(Before - 1), offsets => offsets.Count == 1, Patience);
            await AddPartitionsAsync();
            for (var partition = Before; partition < After; partition++)
            {
                await SendAsync(partition);
                await Eventually.SeesAsync($"an event of partition {partition}", _ => database.OffsetsAsync(partition), offsets => offsets.Count == 1, Patience);
            }

            using var reader = new GroupOffsetsReader(
                new ClientConfig { BootstrapServers = server.BootstrapServers }, _topic, _topic, TimeSpan.FromSeconds(5), TimeProvider.System, static _ => { }, BrokerCapabilities.From(new KafkaOptions()));
            await Eventually.SeesAsync(
                "every partition, with an owner and no lag",
                async token => (await reader.ReadAsync(token)).Partitions,
                partitions => partitions.Count == After && partitions.All(partition => partition is { Lag: 0, Owner: not null }),
                Patience);
            await consumer.StopAsync();
        }
        finally
        {
            await postgres.DisposeAsync();
        }
    }

    private WebApplication Consumer(string database)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.Configuration.AddInMemoryCollection(
        [
            new("ConnectionStrings:kafka", server.BootstrapServers),
            new("ConnectionStrings:logs", database),
            new("ConnectionStrings:redis", "127.0.0.1:1,connectTimeout=100,connectRetry=0"),
            new("Consumer:LastScrapeWait", "00:00:00"),
            new("Consumer:HeartbeatInterval", "00:00:01"),
        ]);
        builder.AddServiceDefaults();
        builder.AddConsumer();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        return app;
    }

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.BootstrapServers }).SetLogHandler(static (_, _) => { }).Build();

    private async Task EnsureAsync()
    {
        using var admin = Admin();
        var options = new KafkaOptions { Topic = _topic, DeadLetterTopic = $"{_topic}.dlq", Partitions = Before, ReplicationFactor = 1, MinInSyncReplicas = 1 };
        await TopicTopology.EnsureAsync(admin, options, BrokerCapabilities.From(options), CancellationToken.None);
    }

    private async Task AddPartitionsAsync()
    {
        using var admin = Admin();
        await admin.CreatePartitionsAsync([new PartitionsSpecification { Topic = _topic, IncreaseTo = After }]);
    }

    private async Task SendAsync(int partition)
    {
        var id = Guid.CreateVersion7();
        var now = DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture);
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = server.BootstrapServers }).SetLogHandler(static (_, _) => { }).Build();
        await Eventually.SeesAsync(
            $"partition {partition} at the broker",
            async token =>
            {
                try
                {
                    return (await producer.ProduceAsync(
                        new TopicPartition(_topic, partition),
                        new Message<string, string> { Key = "others", Value = $$"""{"id":"{{id}}","source":"others","timestamp":"{{now}}","level":"Information","message":"m"}""" },
                        token)).Status;
                }
                catch (ProduceException<string, string> e) when (e.Error.Code is ErrorCode.Local_UnknownPartition or ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic)
                {
                    return PersistenceStatus.NotPersisted;
                }
            },
            status => status == PersistenceStatus.Persisted,
            Patience);
    }
}
