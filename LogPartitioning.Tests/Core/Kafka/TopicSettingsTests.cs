using System.Net;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Tests.Producer;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Core.Kafka;

/// <summary>What the topics are created with, and what is said of one that somebody else has created or changed.</summary>
[Collection(KafkaTests.Name)]
public sealed class TopicSettingsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly BrokerCapabilities Modern = BrokerCapabilities.From(new KafkaOptions());

    private readonly KafkaServer _server;
    private readonly IAdminClient _admin;
    private readonly KafkaOptions _options;

    public TopicSettingsTests(KafkaServer server)
    {
        _server = server;
        _admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = server.BootstrapServers }).SetLogHandler(static (_, _) => { }).Build();
        var topic = server.NewTopic();
        _options = new() { Topic = topic, DeadLetterTopic = $"{topic}.dlq", Partitions = 3, ReplicationFactor = 1, MinInSyncReplicas = 1 };
    }

    public void Dispose() => _admin.Dispose();

    [KafkaFact]
    public async Task Topics_are_created_with_all_that_the_design_needs_whatever_the_brokers_defaults_are()
    {
        Assert.Empty(await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None));
        foreach (var topic in new[] { _options.Topic, _options.DeadLetterTopic })
        {
            var described = await _admin.DescribeConfigsAsync([new() { Type = ResourceType.Topic, Name = topic }]);
            var own = described.Single().Entries.Values
                .Where(entry => entry.Source == ConfigSource.DynamicTopicConfig)
                .Select(entry => $"{entry.Name}={entry.Value}")
                .Order(StringComparer.Ordinal);
            Assert.Equal(
                [
                    "cleanup.policy=delete", "max.message.bytes=2097152", "message.timestamp.type=CreateTime", "min.insync.replicas=1",
                    "retention.ms=604800000", "unclean.leader.election.enable=false",
                ],
                own);
        }
    }

    [KafkaTheory]
    [InlineData("retention.ms", "90000000", "retention.ms 90000000, but Kafka:Retention asks for 604800000: a record that is not stored by then is lost.")]
    [InlineData("retention.ms", "86400000", "retention.ms 86400000, but it must be more than 86400000 (Kafka:LongestOutage): consumers that are down for that long come back to records that are gone.")]
    [InlineData("retention.bytes", "1000000", "retention.bytes 1000000, but it should be -1, which is no limit: records beyond it are deleted, stored or not.")]
    [InlineData("max.message.bytes", "100000", "max.message.bytes 100000, but it should be 1048576 or more: larger events are refused.")]
    [InlineData("message.timestamp.type", "LogAppendTime", "message.timestamp.type LogAppendTime, but it should be CreateTime: times of records are those of the brokers, which a replay from a time and a retention go by.")]
    [InlineData("unclean.leader.election.enable", "true", "unclean.leader.election.enable true, but it should be false: a broker that lacks acknowledged events may come to lead a partition, and they are lost.")]
    public async Task What_may_cost_events_one_day_is_a_warning(string name, string value, string said)
    {
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
        await ChangeAsync(_options.Topic, name, value);
        Assert.Equal([$"Topic \"{_options.Topic}\" has {said}"], (await CompareAsync()).Select(difference => difference.Message));
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
    }

    [KafkaFact]
    public async Task A_longer_retention_or_none_and_no_room_for_more_than_an_event_are_right()
    {
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
        await ChangeAsync(_options.Topic, "retention.ms", "-1");
        await ChangeAsync(_options.DeadLetterTopic, "retention.ms", "700000000");
        await ChangeAsync(_options.Topic, "max.message.bytes", "1048588");
        await ChangeAsync(_options.DeadLetterTopic, "max.message.bytes", "1048588");
        Assert.Empty(await CompareAsync());
    }

    [KafkaFact]
    public async Task Dead_letters_must_have_room_for_what_the_events_have_room_for()
    {
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
        await ChangeAsync(_options.DeadLetterTopic, "max.message.bytes", "1048588");
        Assert.Equal(
            [$"Topic \"{_options.DeadLetterTopic}\" has max.message.bytes 1048588, but it should be 2097152 or more: a record of that size that cannot be processed holds up its partition."],
            (await CompareAsync()).Select(difference => difference.Message));
    }

    [KafkaTheory]
    [InlineData("cleanup.policy", "compact", "cleanup.policy compact, but it must be delete: the brokers keep the last record of a key alone, and drop the others, stored or not. Change the topic with the brokers' own tools, and start again.")]
    [InlineData("min.insync.replicas", "2", "min.insync.replicas 2, but Kafka:MinInSyncReplicas says 1. Change the setting, or the topic with the brokers' own tools, and start again.")]
    public async Task What_breaks_the_promise_stops_the_start(string name, string value, string said)
    {
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
        await ChangeAsync(_options.Topic, name, value);
        var wrong = await Assert.ThrowsAsync<TopologyException>(() => TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None));
        Assert.Equal($"Topic \"{_options.Topic}\" has {said}", wrong.Message);
    }

    [KafkaFact]
    public async Task Fewer_brokers_than_replicas_are_told_with_both_numbers_and_the_settings()
    {
        const string Said = "1 broker answers and Kafka:ReplicationFactor is 3: the topics cannot be created. "
            + "Start more brokers, or set Kafka:ReplicationFactor and Kafka:MinInSyncReplicas to 1 at the most.";
        await using var producer = await ProducerAlone.StartAsync(
            _server.BootstrapServers, _options.Topic, null, [new("Kafka:ReplicationFactor", "3"), new("Kafka:MinInSyncReplicas", "2")]);
        await Eventually.SeesAsync(
            "the reason, in the answer",
            async token => await producer.PostAsync("a", token) is (HttpStatusCode.ServiceUnavailable, var answer) ? answer["detail"]!.GetValue<string>() : "",
            detail => detail == $"The topics are not ready: {Said}",
            Patience);
        Assert.Equal($"Unhealthy: The topics cannot be checked yet: {Said}", await producer.BrokersAsync(CancellationToken.None));
    }

    [KafkaFact]
    public async Task A_warning_is_the_producers_health_and_events_are_taken()
    {
        await TopicTopology.EnsureAsync(_admin, _options, Modern, CancellationToken.None);
        await ChangeAsync(_options.Topic, "retention.ms", "3600000");
        await using var producer = await ProducerAlone.StartAsync(_server.BootstrapServers, _options.Topic, null, [new("Kafka:Partitions", "3")]);
        await Eventually.SeesAsync("an acknowledged event", token => producer.PostAsync("a", token), answer => answer.Status == HttpStatusCode.Accepted, Patience);
        Assert.Equal(
            $"Degraded: Topic \"{_options.Topic}\" has retention.ms 3600000, but it must be more than 86400000 (Kafka:LongestOutage): consumers that are down for that long come back to records that are gone.",
            await producer.BrokersAsync(CancellationToken.None));
    }

    /// <summary>Sets a topic's setting, and waits: a broker tells a change a moment after it has accepted it.</summary>
    private async Task ChangeAsync(string topic, string name, string value)
    {
        ConfigResource resource = new() { Type = ResourceType.Topic, Name = topic };
        await _admin.IncrementalAlterConfigsAsync(new Dictionary<ConfigResource, List<ConfigEntry>>
        {
            [resource] = [new ConfigEntry { Name = name, Value = value, IncrementalOperation = AlterConfigOpType.Set }],
        });
        await Eventually.SeesAsync(
            $"{name} of {topic}", async _ => (await _admin.DescribeConfigsAsync([resource])).Single().Entries[name].Value, seen => seen == value, Patience);
    }

    private Task<IReadOnlyList<TopicDifference>> CompareAsync() => TopicTopology.CompareAsync(_admin, _options, Modern, CancellationToken.None);
}
