using System.Net.NetworkInformation;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

[Trait("Category", "Brokers")]
[Collection(SharedApplication.Name)]
public sealed class LoopbackTests(ApplicationFixture fixture)
{
    [ServerTheory]
    [InlineData(FallbackKafka.CoordinatorName)]
    [InlineData("kafka-1")]
    [InlineData("kafka-2")]
    [InlineData("kafka-3")]
    [InlineData("postgres")]
    [InlineData("redis")]
    [InlineData("gateway")]
    public void A_server_listens_on_loopback_alone(string server)
    {
        if (!fixture.Application.ResourceNames().Contains(server))
        {
            return; // newer brokers need none
        }

        var port = fixture.Application.Port(server);
        var listeners = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Where(listener => listener.Port == port).ToList();

        Assert.NotEmpty(listeners);
        Assert.All(listeners, listener => Assert.True(System.Net.IPAddress.IsLoopback(listener.Address), $"{server} listens on {listener}"));
    }
}
