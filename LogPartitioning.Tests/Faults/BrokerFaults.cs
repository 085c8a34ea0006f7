using System.Net;
using System.Net.Http.Json;
using LogPartitioning.Tests.Application;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to brokers.</summary>
internal static class BrokerFaults
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task<FaultRow> OneKilledAsync(RunningApplication application, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(application, 3, "`kill -9` of one broker of three, its return, then another one", output);
        foreach (var broker in new[] { "kafka-1", "kafka-2" })
        {
            run.Fault();
            await application.KillAsync(broker);
            await run.FlowsAsync(500);
            await application.StartAsync(broker);
            await run.Offsets.SeesAllInSyncAsync();
            await run.FlowsAsync(200);
        }

        return await run.FinishAsync();
    }

    public static async Task<FaultRow> TwoDownAsync(RunningApplication application, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(application, 4, "two brokers down, then back", output);
        var fault = run.Fault();
        await application.KillAsync("kafka-2");
        await application.KillAsync("kafka-3");

        // With one replica in sync of the two that must be, no write may be acknowledged.
        using var refused = await Eventually.SeesAsync(
            "503 for a new event",
            token => application.Producer.PostAsJsonAsync("/api/logs", new { source = "two-brokers-down", message = "refused" }, token),
            answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable,
            Patience);
        Assert.NotNull(refused.Headers.RetryAfter);
        // Answers that were on their way when the brokers went down.
        var acknowledged = await run.StandsStillAsync();
        await FaultRun.LastsAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(acknowledged, run.Load.Acknowledged);

        await application.StartAsync("kafka-2");
        fault.End();
        await run.FlowsAsync(500);
        await application.StartAsync("kafka-3");
        await run.Offsets.SeesAllInSyncAsync();
        run.Note($"{run.Load.FailedRequests} requests not acknowledged and sent again");
        return await run.FinishAsync();
    }
}
