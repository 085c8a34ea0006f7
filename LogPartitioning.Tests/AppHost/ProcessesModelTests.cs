using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Kafka.Fallback;

namespace LogPartitioning.Tests.AppHost;

public sealed class ProcessesModelTests
{
    [Fact]
    public async Task Old_brokers_come_with_a_coordinator_and_the_services_are_told_their_version()
    {
        using var machine = new FakeMachine("0.9.0.1");
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.Contains(FallbackKafka.CoordinatorName, model.ResourceNames);
        Assert.Equal([FallbackKafka.CoordinatorName], model.WaitsFor("kafka-2"));
        Assert.Equal("0.9.0.1", (await model.EnvironmentAsync("producer"))["Kafka__BrokerVersion"]);
        Assert.Equal("0.9.0.1", (await model.EnvironmentAsync("consumer-3"))["Kafka__BrokerVersion"]);
    }

    [Fact]
    public async Task Modern_brokers_need_no_coordinator_and_no_version()
    {
        using var machine = new FakeMachine("4.1.0");
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.DoesNotContain(FallbackKafka.CoordinatorName, model.ResourceNames);
        Assert.Empty(model.WaitsFor("kafka-2"));
        Assert.DoesNotContain("Kafka__BrokerVersion", (await model.EnvironmentAsync("producer")).Keys);
    }

    [Fact]
    public async Task The_replicas_are_as_many_as_the_setting_says()
    {
        using var machine = new FakeMachine();
        machine["ConsumerReplicas"] = "5";
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.Equal(
            ["consumer-1", "consumer-2", "consumer-3", "consumer-4", "consumer-5"],
            model.StartedNames.Where(name => name.StartsWith("consumer-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Spare_replicas_wait_to_be_scaled_to_as_many_as_there_is_work_for()
    {
        using var machine = new FakeMachine("4.1.0");
        machine["ConsumerReplicas"] = "1";
        machine["Consumer:Concurrency"] = "4";
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.Equal(["consumer-1"], model.StartedNames.Where(name => name.StartsWith("consumer-", StringComparison.Ordinal)));
        Assert.Equal(["consumer-1", "consumer-2", "consumer-3"], model.ResourceNames.Where(Consumer).Order());

        static bool Consumer(string name) => name.StartsWith("consumer-", StringComparison.Ordinal) && char.IsAsciiDigit(name[^1]);
    }

    [Fact]
    public async Task The_server_takes_as_many_connections_as_it_is_told_and_each_service_gets_its_share()
    {
        using var machine = new FakeMachine();
        machine["Infrastructure:PostgresConnections"] = "130";
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);
        var arguments = new List<object>();
        foreach (var callback in model.Resource("postgres").Annotations.OfType<CommandLineArgsCallbackAnnotation>())
        {
            await callback.Callback(new CommandLineArgsCallbackContext(arguments));
        }

        Assert.Equal("130", arguments[^1].ToString());
        foreach (var service in (string[])["gateway", "producer", "consumer-1", "consumer-4"])
        {
            Assert.Equal("20", (await model.EnvironmentAsync(service))["Store__MaxConnections"]);
        }
    }

    [Fact]
    public async Task Passwords_are_not_on_any_command_line()
    {
        using var machine = new FakeMachine();
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);
        string[] passwords = [await File.ReadAllTextAsync(machine.At("data", "postgres", "password")), await File.ReadAllTextAsync(machine.At("data", "redis", "password"))];

        foreach (var server in new[] { "postgres", "redis" })
        {
            var arguments = new List<object>();
            foreach (var callback in model.Resource(server).Annotations.OfType<CommandLineArgsCallbackAnnotation>())
            {
                await callback.Callback(new CommandLineArgsCallbackContext(arguments));
            }

            Assert.NotEmpty(arguments);
            Assert.DoesNotContain(arguments, argument => passwords.Any(password => argument.ToString()!.Contains(password, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Without_prometheus_everything_else_is_there()
    {
        using var machine = new FakeMachine();
        File.Delete(machine.At("bin", "prometheus"));
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.DoesNotContain("prometheus", model.ResourceNames);
        Assert.Contains("gateway", model.ResourceNames);
    }

    [Fact]
    public async Task Settings_of_the_services_reach_the_services()
    {
        using var machine = new FakeMachine();
        machine["Consumer:SessionTimeout"] = "00:00:06";
        await using var model = await TopologyModel.BuildAsync(machine.Arguments);

        Assert.Equal("00:00:06", (await model.EnvironmentAsync("consumer-1"))["Consumer__SessionTimeout"]);
    }
}
