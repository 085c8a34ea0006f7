namespace LogPartitioning.Tests.AppHost;

public sealed class ExternalModelTests
{
    [Fact]
    public async Task The_users_own_clusters_are_named_by_connection_strings_and_nothing_is_started_for_them()
    {
        await using var model = await TopologyModel.BuildAsync(
            "--Infrastructure:Mode=External",
            "--Ports:Random=true",
            "--PATH=",
            "--ConnectionStrings:kafka=broker-1:9092,broker-2:9092",
            "--ConnectionStrings:logs=Host=db;Database=logs",
            "--ConnectionStrings:logs_owner=Host=db;Username=owner;Database=logs",
            "--ConnectionStrings:redis=cache:6379",
            "--Kafka:BrokerVersion=0.10.2",
            "--Kafka:Client:SecurityProtocol=SaslSsl",
            "--Kafka:Client:ssl.ca.location=/etc/kafka/ca.crt");

        Assert.DoesNotContain(model.ResourceNames, name => name.StartsWith("kafka-", StringComparison.Ordinal) || name is "postgres" or "prometheus");
        Assert.Equal(["producer"], model.WaitsFor("gateway"));
        var environment = await model.EnvironmentAsync("consumer-1");
        Assert.Equal("{kafka.connectionString}", environment["ConnectionStrings__kafka"]);
        Assert.Equal("{logs.connectionString}", environment["ConnectionStrings__logs"]);
        Assert.Equal("{redis.connectionString}", environment["ConnectionStrings__redis"]);
        Assert.Equal("{logs-owner.value}", environment["ConnectionStrings__logs_owner"]);
        Assert.DoesNotContain("ConnectionStrings__logs_owner", (await model.EnvironmentAsync("gateway")).Keys);
        Assert.Equal("0.10.2", environment["Kafka__BrokerVersion"]);
        foreach (var service in new[] { "producer", "gateway", "consumer-1" })
        {
            var given = await model.EnvironmentAsync(service);
            Assert.Equal("SaslSsl", given["Kafka__Client__SecurityProtocol"]);
            Assert.Equal("/etc/kafka/ca.crt", given["Kafka__Client__ssl.ca.location"]);
        }
    }
}
