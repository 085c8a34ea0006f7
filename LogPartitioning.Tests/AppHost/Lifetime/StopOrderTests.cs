using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.AppHost.Lifetime;

namespace LogPartitioning.Tests.AppHost.Lifetime;

public sealed class StopOrderTests
{
    [Fact]
    public async Task Services_stop_taking_then_consumers_drain_then_the_servers_go()
    {
        using var machine = new FakeMachine("4.1.0");
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        var waves = Waves(model);

        Assert.Equal(["gateway"], waves[0]);
        Assert.Equal(["producer"], waves[1]);
        Assert.Equal(["consumer-1", "consumer-2", "consumer-3", "consumer-4"], waves[2]);
        Assert.Equal(["kafka-1", "kafka-2", "kafka-3", "postgres", "prometheus", "redis"], waves[3]);
        Assert.Equal(4, waves.Count);
    }

    [Fact]
    public async Task What_old_brokers_need_to_stop_is_there_until_they_have()
    {
        using var machine = new FakeMachine("0.9.0.1");
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        var waves = Waves(model);

        Assert.Contains("kafka-3", waves[3]);
        Assert.Equal([FallbackKafka.CoordinatorName], waves[4]);
        Assert.Equal(5, waves.Count);
    }

    [Fact]
    public async Task Containers_stop_in_the_same_order()
    {
        using var data = new TemporaryFolder();
        await using var model = await TopologyModel.BuildAsync(
            "--Infrastructure:Mode=Containers", "--Infrastructure:ProbeRuntime=false", $"--Infrastructure:DataPath={data.Path}", "--Ports:Random=true");

        var waves = Waves(model);

        Assert.Equal(["gateway", "grafana"], waves[0]);
        Assert.Equal(["producer"], waves[1]);
        Assert.Equal(["consumer-1", "consumer-2", "consumer-3", "consumer-4"], waves[2]);
        Assert.Equal(["kafka-1", "kafka-2", "kafka-3", "postgres", "prometheus", "redis"], waves[3]);
    }

    private static List<List<string>> Waves(TopologyModel model) =>
        [.. StopOrder.Waves([.. model.Resources.Where(OrderedStop.IsStopped)]).Select(wave => wave.Select(resource => resource.Name).Order(StringComparer.Ordinal).ToList())];
}
