using System.Diagnostics;
using System.Globalization;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to consumers.</summary>
internal static class ConsumerFaults
{
    /// <summary>Beyond the session timeout: what the others need to take over, on a busy machine. The report shows what they took.</summary>
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(30);

    /// <summary>About one freeze in five ends in a write that is tried: so many without one mean that none is.</summary>
    private const int MostFreezes = 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Consumers = ["consumer-1", "consumer-2", "consumer-3", "consumer-4"];

    public static async Task<FaultRow> KilledAsync(RunningApplication application, int kills, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(
            application, 1, $"`kill -9` of a consumer in the middle of batches, {kills} times, with replacement", output);
        for (var kill = 0; kill < kills; kill++)
        {
            var victim = Consumers[kill % Consumers.Length];
            FaultWindow fault;
            await using (await BatchInFlight.HoldAsync(application.Logs, victim))
            {
                fault = run.Fault();
                await application.KillAsync(victim);
            }

            await application.StartAsync(victim);
            await run.StoresAgainAsync(fault.From + TimeSpan.FromMilliseconds(500));
            await GroupAssignment.SeesMemberAsync(application, victim);
        }

        await GroupAssignment.SeesSpreadAsync(application, "3+3+3+3");
        run.Note($"session timeout {FaultApplication.SessionTimeout.TotalSeconds:0} s");
        var row = await run.FinishAsync();
        Assert.NotNull(row.Recovery);
        Assert.True(
            row.Recovery < FaultApplication.SessionTimeout + TakeOver,
            $"Taking over took {row.Recovery}, with a session timeout of {FaultApplication.SessionTimeout}.");
        return row;
    }

    public static async Task<FaultRow> FrozenAsync(RunningApplication application, ITestOutputHelper output)
    {
        const string Name = "consumer-2";
        await using var run = await FaultRun.StartAsync(application, 2, "a consumer frozen past its session timeout, then continued", output);
        var fenced = 0.0;
        var freezes = 0;
        // A consumer that wakes up either writes first, and is fenced by the store, or first sees that its session is over
        // and drops its work by itself. Which of the two is up to the scheduler; it is frozen again until a write was tried.
        while (fenced == 0 && freezes < MostFreezes)
        {
            freezes++;
            var before = await ServiceMetrics.CounterAsync(application, Name, "kafka_consumer_fenced_total", CancellationToken.None);
            await FreezeAsync(run, Name);
            await run.FlowsAsync();
            fenced = await ServiceMetrics.CounterAsync(application, Name, "kafka_consumer_fenced_total", CancellationToken.None) - before;
        }

        Assert.True(fenced > 0, $"No write was fenced in {freezes} freezes.");
        run.Note($"fenced writes: {fenced:0}, freezes until then: {freezes}");
        await ClaimedByAStrangerAsync(run);
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> RolledAsync(RunningApplication application, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(application, 8, "rolling restart of all consumers by SIGTERM", output);
        var since = DateTimeOffset.UtcNow;
        var longestExit = TimeSpan.Zero;
        foreach (var consumer in Consumers)
        {
            var fenced = await FencedByEachAsync(application, CancellationToken.None);
            FaultWindow fault;
            long started;
            await using (await BatchInFlight.HoldAsync(application.Logs, consumer))
            {
                fault = run.Fault();
                started = Stopwatch.GetTimestamp();
                ProcessSignal.Terminate(application.ProcessId(consumer));
            }

            await application.WaitUntilDownAsync(consumer);
            var exit = Stopwatch.GetElapsedTime(started);
            longestExit = exit > longestExit ? exit : longestExit;
            Assert.Equal(0, application.ExitCode(consumer));
            fault.End();
            await application.StartAsync(consumer);
            await GroupAssignment.SeesMemberAsync(application, consumer);
            await run.FlowsAsync();
            // The new process counts from zero.
            fenced[consumer] = 0;
            Assert.Equal(fenced, await FencedByEachAsync(application, CancellationToken.None));
        }

        Assert.True(longestExit < TimeSpan.FromSeconds(30), $"A consumer took {longestExit} to exit.");
        await GroupAssignment.SeesSpreadAsync(application, "3+3+3+3");
        // Else the counts below would be of nothing: each that left has told what it let go.
        var rebalances = await Eventually.SeesAsync(
            "a rebalance for the shutdown of every instance",
            _ => Rebalance.ReadAsync(application, since),
            all => all.Where(r => r.Cause == "shutdown").Select(r => r.Instance).ToHashSet().SetEquals(Consumers),
            Patience);
        var drained = rebalances.Sum(r => r.Drained);
        var readTwice = rebalances.Sum(r => r.Dropped);
        run.Note($"longest exit {longestExit.TotalSeconds:0.0} s; {rebalances.Count} rebalances, {drained} events drained, {readTwice} records read twice");
        var row = await run.FinishAsync();
        Assert.Equal(0, readTwice);
        Assert.True(drained > 0, "Nothing was in flight when the instances left.");
        return row;
    }

    public static async Task<FaultRow> ScaledAsync(RunningApplication application, int rounds, ITestOutputHelper output)
    {
        await using var run = await FaultRun.StartAsync(application, 10, $"from 1 to 4 to 2 instances under load, {rounds} times", output);
        await ScaleAsync(application, from: 4, to: 1);
        await run.FlowsAsync();
        try
        {
            for (var round = 0; round < rounds; round++)
            {
                var fault = run.Fault();
                await ScaleAsync(application, from: 1, to: 4);
                await ScaleAsync(application, from: 4, to: 2);
                await ScaleAsync(application, from: 2, to: 1);
                fault.End();
                await run.FlowsAsync();
            }
        }
        finally
        {
            await application.StartAllAsync(Patience);
        }

        return await run.FinishAsync();
    }

    private static async Task FreezeAsync(FaultRun run, string consumer)
    {
        var process = run.Application.ProcessId(consumer);
        await SeesClaimsAsync(run.Application, consumer, owned => owned > 0);
        var fault = run.Fault();
        var started = Stopwatch.GetTimestamp();
        ProcessSignal.Stop(process);
        try
        {
            // The others have all of it when every partition stores again; the frozen one holds none of them up.
            await SeesClaimsAsync(run.Application, consumer, owned => owned == 0);
            await run.StoresAgainAsync(DateTimeOffset.UtcNow);
            var frozen = Stopwatch.GetElapsedTime(started);
            Assert.True(frozen > FaultApplication.SessionTimeout, $"The others took over after {frozen}, before the session was over.");
        }
        finally
        {
            ProcessSignal.Continue(process);
        }

        fault.End();
        await SeesClaimsAsync(run.Application, consumer, owned => owned > 0);
    }

    /// <summary>
    /// Somebody outside the group claims every partition that the load reaches and does nothing: from then on no consumer may
    /// move one before it has claimed it again. (In a partition without events nobody writes, so nobody would notice.)
    /// </summary>
    private static async Task ClaimedByAStrangerAsync(FaultRun run)
    {
        var kafka = KafkaAccess.OptionsOf(run.Application);
        var stranger = new LogStore(run.Application.Logs, kafka.Group, kafka.Topic);
        var fencedBefore = await FencedAsync(run.Application, CancellationToken.None);
        var fault = run.Fault();
        var claims = await stranger.ClaimAsync([.. run.Load.ByPartition.Keys.Order()], "a stranger", null, CancellationToken.None);
        await Eventually.SeesAsync(
            "every partition claimed again by its owner, and none moved before that",
            token => StrangersPartitionsAsync(run.Application, claims, token),
            left => left == 0,
            Patience);
        fault.End();
        var fenced = await FencedAsync(run.Application, CancellationToken.None) - fencedBefore;
        Assert.True(fenced >= 1, "No write was fenced when somebody else had claimed the partitions.");
        run.Note($"{fenced:0} more when a stranger claimed {claims.Count} partitions");
    }

    /// <returns>How many partitions the stranger still has.</returns>
    private static async Task<int> StrangersPartitionsAsync(
        RunningApplication application, IReadOnlyList<PartitionClaim> claims, CancellationToken cancellationToken)
    {
        var left = 0;
        await using var command = application.Logs.CreateCommand("SELECT partition, epoch, next_offset FROM consumer_offsets");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var (partition, epoch, next) = (reader.GetInt32(0), reader.GetInt64(1), reader.GetInt64(2));
            if (claims.SingleOrDefault(c => c.Partition == partition) is { } claim && claim.Epoch == epoch)
            {
                Assert.True(next == claim.NextOffset, $"Partition {partition} moved from {claim.NextOffset} to {next} under an epoch that no consumer has.");
                left++;
            }
        }

        return left;
    }

    private static async Task<double> FencedAsync(RunningApplication application, CancellationToken cancellationToken) =>
        (await FencedByEachAsync(application, cancellationToken)).Values.Sum();

    private static Task<Dictionary<string, double>> FencedByEachAsync(RunningApplication application, CancellationToken cancellationToken) =>
        ServiceMetrics.CountersAsync(application, "kafka_consumer_fenced_total", cancellationToken);

    /// <summary>Waits for how many partitions an instance has claimed, as the store knows it.</summary>
    public static async Task SeesClaimsAsync(RunningApplication application, string instance, Func<long, bool> expected) => await Eventually.SeesAsync(
        $"partitions claimed by {instance}",
        _ => application.Logs.CountAsync("SELECT count(*) FROM consumer_offsets WHERE starts_with(owner, $1)", $"{instance}/"),
        expected,
        Patience);

    private static async Task ScaleAsync(RunningApplication application, int from, int to)
    {
        if (to > from)
        {
            await Task.WhenAll(Consumers[from..to].Select(application.StartAsync));
        }
        else
        {
            foreach (var consumer in Consumers[to..from].Reverse())
            {
                await application.StopAsync(consumer);
            }
        }

        var each = (12 / to).ToString(CultureInfo.InvariantCulture);
        await GroupAssignment.SeesSpreadAsync(application, string.Join('+', Enumerable.Repeat(each, to)));
    }
}
