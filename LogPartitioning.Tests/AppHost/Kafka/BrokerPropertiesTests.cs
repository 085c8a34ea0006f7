using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.Tests.AppHost.Kafka;

public sealed class BrokerPropertiesTests
{
    [Fact]
    public void From_3_3_on_a_broker_is_also_a_controller_and_knows_all_voters()
    {
        var properties = Properties("3.9.1");

        Assert.Equal("broker,controller", properties["process.roles"]);
        Assert.Equal("2", properties["node.id"]);
        Assert.Equal("1@127.0.0.1:9095,2@127.0.0.1:9096,3@127.0.0.1:9097", properties["controller.quorum.voters"]);
        Assert.Equal("PLAINTEXT://127.0.0.1:9093,CONTROLLER://127.0.0.1:9096", properties["listeners"]);
        Assert.Equal("PLAINTEXT://127.0.0.1:9093", properties["advertised.listeners"]);
        Assert.Equal("CONTROLLER", properties["controller.listener.names"]);
        Assert.Equal("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT", properties["listener.security.protocol.map"]);
        Assert.Equal("PLAINTEXT", properties["inter.broker.listener.name"]);
        Assert.Equal("3", properties["transaction.state.log.replication.factor"]);
        Assert.DoesNotContain(properties.Keys, key => key.StartsWith(FallbackKafka.CoordinatorName, StringComparison.Ordinal) || key == "broker.id");
    }

    [Fact]
    public void Share_groups_are_configured_where_they_exist()
    {
        Assert.Equal("3", Properties("4.1.0")["share.coordinator.state.topic.replication.factor"]);
        Assert.DoesNotContain("share.coordinator.state.topic.replication.factor", Properties("3.9.1").Keys);
    }

    [Fact]
    public void Before_3_3_a_broker_registers_with_a_coordinator()
    {
        var properties = Properties("0.9.0.1");

        Assert.Equal("2", properties["broker.id"]);
        Assert.Equal("127.0.0.1:9095", properties[FallbackKafka.CoordinatorName + ".connect"]);
        Assert.Equal("PLAINTEXT://127.0.0.1:9093", properties["listeners"]);
        Assert.DoesNotContain("process.roles", properties.Keys);
    }

    [Theory]
    [InlineData("0.9.0.1")]
    [InlineData("4.1.0")]
    public void Every_version_gets_the_applications_numbers_and_followers_fetch_what_a_broker_accepts(string version)
    {
        var properties = Properties(version);

        Assert.Equal("true", properties["auto.create.topics.enable"]);
        Assert.Equal("24", properties["num.partitions"]);
        Assert.Equal("3", properties["default.replication.factor"]);
        Assert.Equal("2", properties["min.insync.replicas"]);
        Assert.Equal("3", properties["offsets.topic.replication.factor"]);
        Assert.Equal("false", properties["unclean.leader.election.enable"]);
        Assert.True(int.Parse(properties["message.max.bytes"], null) <= int.Parse(properties["replica.fetch.max.bytes"], null));
    }

    [Fact]
    public void New_distributions_log_through_log4j_2_and_older_ones_do_not()
    {
        var older = new JavaProgram(new KafkaDistribution("/k", new Version(3, 9, 1)), "/d").Arguments("256m", [], "kafka.Kafka", "/d/server.properties");
        var modern = new JavaProgram(new KafkaDistribution("/k", new Version(4, 1, 0)), "/d").Arguments("256m", ["-Done=1"], "kafka.Kafka", "/d/server.properties");

        Assert.Contains("-Dlog4j.configuration=file:///d/log4j.properties", older);
        Assert.Contains("-Dlog4j2.configurationFile=file:///d/log4j2.properties", modern);
        Assert.Contains("-Done=1", modern);
        Assert.Equal(["-cp", "/k/libs/*", "kafka.Kafka", "/d/server.properties"], modern[^4..]);
    }

    [Fact]
    public void A_cluster_keeps_its_id()
    {
        using var folder = new TemporaryFolder();

        var id = KRaftStorage.ClusterIdIn(folder.Path);

        Assert.Matches("^[A-Za-z0-9_][A-Za-z0-9_-]{21}$", id);
        Assert.Equal(id, KRaftStorage.ClusterIdIn(folder.Path));
    }

    private static JavaProperties Properties(string version)
    {
        using var folder = new TemporaryFolder();
        var distribution = new KafkaDistribution("/kafka", Version.Parse(version));
        var settings = new KafkaProcessSettings("java", distribution, folder.Path, 9092, port => port, 24);
        var host = distribution.UsesKRaft ? new KafkaProcesses(settings) : new OldKafkaProcesses(settings);
        var layout = host.Arrange(new KafkaClusterResource("kafka"), 3);
        return host.Properties(layout, layout.Brokers[1]);
    }
}
