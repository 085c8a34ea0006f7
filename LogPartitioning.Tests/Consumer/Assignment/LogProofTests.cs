using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Consumer.Assignment;

/// <summary>Brokers without ids for topics: what was stored last tells whether the log is the same.</summary>
[Collection(PostgresTests.Name)]
public sealed class LogProofTests(PostgresServer server) : DatabaseTest(server), IDisposable
{
    // As old as it may be for the protocol that the mock brokers speak.
    private static readonly KafkaOptions s_kafka = new() { Topic = "topic", Group = "group", BrokerVersion = "0.10.2.2" };

    private readonly MockCluster _cluster = new(brokers: 1);
    private LogStore _store = null!;

    private ClientConfig Config => new() { BootstrapServers = _cluster.BootstrapServers };

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _cluster.CreateTopic("topic", partitions: 2, replicas: 1);
        _store = new(Database, "group", "topic");
    }

    public void Dispose() => _cluster.Dispose();

    [PostgresFact]
    public async Task The_log_that_was_stored_is_read_on()
    {
        var events = await ProduceAsync(10);
        await StoreAsync(events[..6]);

        Assert.Null((await ClaimAsync()).Halt);
    }

    [PostgresFact]
    public async Task A_log_of_other_events_that_has_grown_past_the_position_is_halted()
    {
        await ProduceAsync(10);
        await StoreAsync([.. Enumerable.Range(0, 6).Select(_ => StoredEvents.Event())]);

        var halt = (await ClaimAsync()).Halt;

        Assert.Equal(HaltCause.LogReplaced, halt?.Cause);
        Assert.Contains("was stored from offset 5, and another record is there now", halt!.Detail, StringComparison.Ordinal);
    }

    [PostgresFact]
    public async Task A_partition_of_which_nothing_was_stored_speaks_against_no_log()
    {
        await ProduceAsync(10);

        Assert.Null((await ClaimAsync()).Halt);
    }

    private async Task<LogEvent[]> ProduceAsync(int count)
    {
        var events = Enumerable.Range(0, count).Select(_ => StoredEvents.Event()).ToArray();
        using var producer = new ProducerBuilder<string, byte[]>(new ProducerConfig(new Dictionary<string, string>(Config))).Build();
        foreach (var logEvent in events)
        {
            await producer.ProduceAsync(new TopicPartition("topic", 0), new() { Key = logEvent.Source, Value = LogEventJson.Serialize(logEvent) });
        }

        return events;
    }

    private async Task StoreAsync(IReadOnlyList<LogEvent> events) =>
        await _store.WriteAsync(StoredEvents.Batch(await _store.ClaimAsync(0), 0, [.. events.Select((e, i) => StoredEvents.Record(i, e))]));

    private async Task<PartitionClaim> ClaimAsync() => Assert.Single(
        await new LogProof(Config, Database, s_kafka, BrokerCapabilities.From(s_kafka)).CheckAsync([await _store.ClaimAsync(0)], CancellationToken.None));
}
