using System.Collections.Concurrent;
using System.Net;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.Core.Kafka;

/// <summary>Every client that the services have, against a broker that wants TLS and a password.</summary>
[Collection(KafkaTests.Name)]
public sealed class SecureClientsTests(KafkaServer server)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConnectionErrors _errors = new(TimeProvider.System);

    [KafkaFact]
    public async Task With_the_section_all_clients_of_a_service_reach_the_brokers()
    {
        var options = Options(Section());
        var clients = Clients(options);
        using var admin = clients.Admin("admin");
        await TopicTopology.EnsureAsync(admin, options, BrokerCapabilities.From(options), CancellationToken.None);

        using var producer = clients.Producer<byte[], byte[]>("producer", static config => config.MessageTimeoutMs = 30_000);
        var sent = await producer.Current.ProduceAsync(options.Topic, new Message<byte[], byte[]> { Key = [1], Value = [2] });
        Assert.Equal(PersistenceStatus.Persisted, sent.Status);

        var config = clients.Configure<ConsumerConfig>("member", config =>
        {
            config.GroupId = options.Group;
            config.AutoOffsetReset = AutoOffsetReset.Earliest;
            config.EnableAutoCommit = false;
        });
        using (var member = clients.Consumer("member", config, static _ => { }))
        {
            member.Subscribe(options.Topic);
            await Eventually.SeesAsync("the record, as a member of the group", token => Task.Run(() => member.Consume(TimeSpan.FromSeconds(1)), token), record => record is not null, Patience);
            member.Commit();
        }

        using var bounds = new TopicBoundsReader(clients.Configure<ClientConfig>("history"));
        Assert.Equal(new PartitionBounds(0, 1), (await bounds.ReadAsync(options.Topic, CancellationToken.None))[sent.Partition.Value]);

        using var range = new RecordRangeReader(clients.Configure<ClientConfig>("history"), options.Topic, [new OffsetRange(sent.Partition.Value, 0, 1)]);
        await Eventually.SeesAsync("the record, by its offset", token => Task.Run(() => range.Read(1, 100, TimeSpan.FromSeconds(1), token), token), records => records.Count == 1, Patience);

        using var offsets = GroupOffsetsReader.Of(clients, "offsets", options, TimeSpan.FromSeconds(5), TimeProvider.System);
        Assert.Equal(0, (await offsets.ReadAsync(CancellationToken.None)).Partitions[sent.Partition.Value].Lag);
    }

    [KafkaFact]
    public async Task With_the_section_the_producer_acknowledges_events()
    {
        await using var producer = await ProducerAlone.StartAsync(
            server.SecureBootstrapServers, server.NewTopic(), null, Section().Select(setting => KeyValuePair.Create($"Kafka:Client:{setting.Key}", (string?)setting.Value)));
        await Eventually.SeesAsync("an acknowledged event", token => producer.PostAsync("a", token), answer => answer.Status == HttpStatusCode.Accepted, Patience);
        Assert.StartsWith("Healthy", await producer.BrokersAsync(CancellationToken.None), StringComparison.Ordinal);
    }

    [KafkaFact]
    public Task Without_the_section_the_reason_says_that_the_listener_wants_tls() => IsToldAsync([], "Kafka:Client:SecurityProtocol");

    [KafkaFact]
    public Task With_an_authority_that_is_not_trusted_the_reason_names_the_certificate() =>
        IsToldAsync([.. Section().Where(setting => setting.Key != "SslCaLocation")], "certificate");

    [KafkaFact]
    public Task With_a_wrong_password_the_reason_says_that_it_is_refused() =>
        IsToldAsync([.. Section().Where(setting => setting.Key != "SaslPassword"), KeyValuePair.Create("SaslPassword", "another-secret")], "uthentication failed");

    [KafkaFact]
    public Task With_tls_to_a_listener_in_plain_text_the_reason_says_so() =>
        IsToldAsync([KeyValuePair.Create("SecurityProtocol", "Ssl")], "PLAINTEXT broker listener?", server.BootstrapServers);

    private async Task IsToldAsync(KeyValuePair<string, string>[] section, string reason, string? bootstrapServers = null)
    {
        var options = Options(section);
        using var admin = Clients(options, bootstrapServers).Admin("admin");
        var told = new ConcurrentQueue<string>();
        using var end = new CancellationTokenSource(Patience);
        var waiting = TopicTopology.EnsureWhenBrokersAnswerAsync(
            admin,
            options,
            BrokerCapabilities.From(options),
            TimeProvider.System,
            e => told.Enqueue(_errors.Explain(e.Error)),
            end.Token);
        await Eventually.SeesAsync(
            $"a reason with \"{reason}\"",
            _ => Task.FromResult(string.Join("\n", told)),
            reasons => reasons.Contains(reason, StringComparison.Ordinal),
            Patience);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.DoesNotContain("secret", string.Join("\n", told), StringComparison.Ordinal);
    }

    private KeyValuePair<string, string>[] Section() =>
    [
        KeyValuePair.Create("SecurityProtocol", "SaslSsl"),
        KeyValuePair.Create("SaslMechanism", "ScramSha512"),
        KeyValuePair.Create("SaslUsername", KafkaServer.User),
        KeyValuePair.Create("SaslPassword", KafkaServer.Password),
        KeyValuePair.Create("SslCaLocation", server.Certificate.AuthorityFile),
    ];

    private KafkaOptions Options(KeyValuePair<string, string>[] section)
    {
        var topic = server.NewTopic();
        return new()
        {
            Topic = topic,
            DeadLetterTopic = $"{topic}.dlq",
            Group = topic,
            Partitions = 3,
            ReplicationFactor = 1,
            MinInSyncReplicas = 1,
            Client = new Dictionary<string, string>(section),
        };
    }

    private KafkaClients Clients(KafkaOptions options, string? bootstrapServers = null) => new(
        new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:kafka", bootstrapServers ?? server.SecureBootstrapServers)]).Build(),
        options,
        BrokerCapabilities.From(options),
        _errors,
        static (_, _) => { });
}
