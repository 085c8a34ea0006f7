using System.Net;
using System.Net.Http.Json;
using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Kafka;
using LogPartitioning.AppHost.Services;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>The commands that the dashboard offers, on the running application.</summary>
[Collection(SharedApplication.Name)]
public sealed class CommandTests(ApplicationFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly RunningApplication _application = fixture.Application;

    [ServerFact]
    public async Task Test_events_are_acknowledged_and_stored()
    {
        var before = await StoredAsync();

        var outcome = await RunAsync("producer", TestEventsCommand.Name);

        Assert.StartsWith("10000 events are acknowledged", outcome, StringComparison.Ordinal);
        await Eventually.SeesAsync("10,000 more rows of test-1 to test-8", _ => StoredAsync(), rows => rows == before + 10_000, Patience);
    }

    [ServerFact]
    public async Task Consumers_scale_to_the_number_that_is_asked_for_and_back()
    {
        Assert.Equal("2 consumers run (4 before).", await RunAsync("consumers", ScalingCommands.Scale, (ScalingCommands.Count, "2")));
        await GroupAssignment.SeesSpreadAsync(_application, "6+6");
        Assert.Contains(_application.State("consumer-4"), KnownResourceStates.TerminalStates);

        Assert.Equal("4 consumers run (2 before).", await RunAsync("consumers", ScalingCommands.Scale, (ScalingCommands.Count, "4")));
        await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");
    }

    [ServerTheory]
    [InlineData("5")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task A_number_of_consumers_that_cannot_be_is_refused(string count)
    {
        var result = await ResultAsync("consumers", ScalingCommands.Scale, (ScalingCommands.Count, count));

        // The dialog shows the range; Aspire itself tells other clients.
        Assert.False(result.Success);
        Assert.Contains("validation failed", result.Message, StringComparison.Ordinal);
        Assert.Equal(4, _application.Consumers.Count(consumer => _application.State(consumer) == KnownResourceStates.Running));
    }

    [ServerFact]
    public async Task A_consumer_that_is_killed_comes_back()
    {
        var before = _application.ProcessId("consumer-2");

        Assert.Equal("consumer-2 was killed.", await RunAsync("consumers", ScalingCommands.Kill, (ScalingCommands.Consumer, "consumer-2")));

        await Eventually.SeesAsync(
            "another process of consumer-2", _ => Task.FromResult(_application.ProcessIdOrNull("consumer-2")), now => now is not null && now != before, Patience);
        await _application.WaitUntilHealthyAsync("consumer-2", Patience);
        await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");
    }

    [ServerFact]
    public async Task A_broker_is_killed_and_started_and_writes_go_on_meanwhile()
    {
        Assert.StartsWith("kafka-3 was killed", await RunAsync("kafka", BrokerCommands.Kill, (BrokerCommands.Broker, "kafka-3")), StringComparison.Ordinal);
        try
        {
            await Eventually.SeesAsync(
                "the cluster degraded", _ => Task.FromResult(_application.Describe("kafka")), state => state.Contains("2 of 3 brokers: kafka-3 is", StringComparison.Ordinal), Patience);
            Assert.Equal(KnownResourceStates.Running, _application.State("kafka"));
            await Eventually.SeesAsync("an event taken by two brokers", TakenAsync, answer => answer.StartsWith("Accepted", StringComparison.Ordinal), Patience);
        }
        finally
        {
            Assert.StartsWith("kafka-3 joined the cluster after", await RunAsync("kafka", BrokerCommands.Start, (BrokerCommands.Broker, "kafka-3")), StringComparison.Ordinal);
        }
    }

    [ServerFact]
    public async Task Topics_that_exist_are_left_as_they_are()
    {
        if (InstalledServersProbe.Servers.Kafka.Version < new Version(0, 11))
        {
            return; // such brokers create topics by themselves, and the command is not offered
        }

        Assert.Equal("log-events exists; log-events.dlq exists", await RunAsync("kafka", TopicCommand.Name));
    }

    /// <summary>Sends an event as clients do: one that is answered 503, as while the partitions of a dead broker move, is sent again.</summary>
    private async Task<string> TakenAsync(CancellationToken cancellationToken)
    {
        using var answer = await _application.Gateway.PostAsJsonAsync("/api/logs", new { source = "one-broker-less", message = "still taken" }, cancellationToken);
        Assert.True(answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}");
        return $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync(cancellationToken)}";
    }

    private async Task<string> RunAsync(string resource, string command, params (string Name, string Value)[] arguments)
    {
        var result = await ResultAsync(resource, command, arguments);
        Assert.True(result.Success, $"{command} {resource}: {result.Message}");
        return result.Message ?? "";
    }

    private async Task<ExecuteCommandResult> ResultAsync(string resource, string command, params (string Name, string Value)[] arguments)
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await _application.TryCommandAsync(resource, command, timeout.Token, arguments);
    }

    private Task<long> StoredAsync() => _application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE source LIKE 'test-_'");
}
