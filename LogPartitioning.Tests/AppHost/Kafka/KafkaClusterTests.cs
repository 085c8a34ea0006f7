using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Kafka.Containers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Tests.AppHost.Kafka;

/// <summary>The cluster as a hosting integration that stands by itself.</summary>
public sealed class KafkaClusterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void A_cluster_is_one_connection_string_over_all_its_brokers(int brokers)
    {
        var builder = EmptyApplication.Builder();

        var cluster = builder.AddKafkaCluster("events", new KafkaContainers(), brokers);

        Assert.Equal(Enumerable.Range(1, brokers).Select(id => $"events-{id}"), cluster.Resource.Brokers.Select(broker => broker.Resource.Name));
        Assert.Equal(
            string.Join(',', Enumerable.Range(1, brokers).Select(id => $"{{events-{id}.bindings.tcp.host}}:{{events-{id}.bindings.tcp.port}}")),
            cluster.Resource.ConnectionStringExpression.ValueExpression);
        var properties = ((IResourceWithConnectionString)cluster.Resource).GetConnectionProperties();
        Assert.Equal("BootstrapServers", Assert.Single(properties).Key);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void A_number_of_brokers_that_makes_no_cluster_is_refused(int brokers)
    {
        var builder = EmptyApplication.Builder();

        Assert.Throws<ArgumentOutOfRangeException>(() => builder.AddKafkaCluster("events", new KafkaContainers(), brokers));
    }

    [Fact]
    public void Topics_get_as_many_replicas_as_there_are_brokers_and_at_most_three()
    {
        var builder = EmptyApplication.Builder();

        var one = builder.AddKafkaCluster("small", new KafkaContainers(), brokers: 1).WithTopic("t", 6).Resource.Topics.Single();
        var five = builder.AddKafkaCluster("large", new KafkaContainers(), brokers: 5).WithTopic("t", 6).Resource.Topics.Single();

        Assert.Equal(new KafkaTopic("t", 6, 1, 1), one);
        Assert.Equal(new KafkaTopic("t", 6, 3, 2), five);
    }

    [Theory]
    // state so far, enough, brokers (h healthy, r running, e ended, n not started), state then
    [InlineData("Starting", 3, "nnn", "Starting")]
    [InlineData("Starting", 3, "hhr", "Starting")]
    [InlineData("Starting", 3, "hhh", "Running")]
    [InlineData("Running", 2, "hhe", "Running")]
    [InlineData("Running", 2, "eer", "Running")]
    [InlineData("Running", 2, "eee", "Exited")]
    [InlineData("Exited", 2, "ree", "Starting")]
    [InlineData("Exited", 2, "hhh", "Running")]
    [InlineData("Exited", 2, "hhe", "Running")]
    [InlineData("Starting", 2, "hre", "Starting")]
    public void A_cluster_runs_once_all_brokers_have_joined_and_as_long_as_one_is_left(string state, int enough, string brokers, string then) =>
        Assert.Equal(then, KafkaClusterState.Next(state, enough, [.. brokers.Select(Broker)]));

    [Theory]
    [InlineData("hhh", HealthStatus.Healthy, "3 of 3 brokers")]
    [InlineData("hhe", HealthStatus.Degraded, "2 of 3 brokers: kafka-e is Exited")]
    [InlineData("hre", HealthStatus.Unhealthy, "1 of 3 brokers: kafka-r is Running, kafka-e is Exited")]
    [InlineData("nnn", HealthStatus.Unhealthy, "0 of 3 brokers: kafka-n is not started, kafka-n is not started, kafka-n is not started")]
    public void The_health_of_a_cluster_counts_its_healthy_brokers(string brokers, HealthStatus status, string description)
    {
        var result = KafkaClusterHealthCheck.Judge([.. brokers.Select(Broker)], minInSyncReplicas: 2);

        Assert.Equal(status, result.Status);
        Assert.Equal(description, result.Description);
    }

    private static BrokerState Broker(char kind) => new(
        $"kafka-{kind}",
        kind switch { 'e' => KnownResourceStates.Exited, 'n' => null, _ => KnownResourceStates.Running },
        kind == 'h');
}
