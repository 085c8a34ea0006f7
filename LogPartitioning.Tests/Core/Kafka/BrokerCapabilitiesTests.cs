using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Tests.Core.Kafka;

public sealed class BrokerCapabilitiesTests
{
    [Theory]
    [InlineData(null, true, true, true)]
    [InlineData("", true, true, true)]
    [InlineData("4.1.0", true, true, true)]
    [InlineData("0.11.0.0", true, true, true)]
    [InlineData("0.10.2.2", false, false, true)]
    [InlineData("0.9.0.1", false, false, false)]
    public void Each_version_can_do_what_its_protocol_can(string? version, bool headers, bool idempotence, bool timestamps)
    {
        var capabilities = BrokerCapabilities.From(new KafkaOptions { BrokerVersion = version });
        Assert.Equal(
            (headers, idempotence, headers, timestamps),
            (capabilities.SupportsHeaders, capabilities.SupportsIdempotence, capabilities.SupportsCreateTopics, capabilities.SupportsTimestamps));
    }

    [Fact]
    public void A_modern_producer_is_idempotent()
    {
        var config = new ProducerConfig();
        BrokerCapabilities.From(new KafkaOptions()).Apply(config);
        Assert.Equal((Acks.All, true, 5), (config.Acks, config.EnableIdempotence, config.MaxInFlight));
        Assert.Null(config.ApiVersionRequest);
    }

    [Fact]
    public void An_old_producer_has_one_request_in_flight_and_asks_for_no_versions()
    {
        var config = new ProducerConfig();
        BrokerCapabilities.From(new KafkaOptions { BrokerVersion = "0.9.0.1" }).Apply(config);
        Assert.Equal((Acks.All, false, 1), (config.Acks, config.EnableIdempotence, config.MaxInFlight));
        Assert.Equal((false, "0.9.0.1"), (config.ApiVersionRequest, config.BrokerVersionFallback));
    }

    [Fact]
    public void An_old_consumer_asks_for_no_versions_either()
    {
        var config = new ConsumerConfig();
        BrokerCapabilities.From(new KafkaOptions { BrokerVersion = "0.9.0.1" }).Apply(config);
        Assert.Equal((false, "0.9.0.1"), (config.ApiVersionRequest, config.BrokerVersionFallback));
    }

    [Fact]
    public void Options_name_every_rule_that_they_break()
    {
        var problems = new KafkaOptions
        {
            BrokerVersion = "nine",
            Topic = "log events",
            DeadLetterTopic = "log events",
            Group = " ",
            Partitions = 0,
            ReplicationFactor = 0,
            MinInSyncReplicas = 1,
            Retention = TimeSpan.FromMinutes(59),
            Client = new Dictionary<string, string> { ["GroupId"] = "mine" },
        }.Problems().ToList();
        Assert.All(
            ["Kafka:BrokerVersion", "Kafka:Topic must", "DeadLetterTopic must have", "DeadLetterTopic must differ", "Kafka:Group", "Kafka:Partitions", "Kafka:ReplicationFactor must", "Kafka:MinInSyncReplicas", "Kafka:Retention must be 01", "Kafka:Retention must be longer", "Kafka:Client:GroupId"],
            rule => Assert.Single(problems, problem => problem.Contains(rule, StringComparison.Ordinal)));
        Assert.Equal(11, problems.Count);
        Assert.Empty(new KafkaOptions().Problems());
    }
}
