using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Processes;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>What can happen to the network between processes that all go on.</summary>
internal static partial class NetworkFaults
{
    private const string Consumer = "consumer-1";

    /// <summary>Long enough for brokers to be given up by their controller (9 s), and for consumers by their coordinator.</summary>
    private static readonly TimeSpan LongCut = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortCut = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Brokers = ["kafka-1", "kafka-2", "kafka-3"];

    public static async Task<FaultRow> BrokerFromBrokersAsync(RunningApplication application, ITestOutputHelper output)
    {
        var (alone, others) = (Brokers[0], Brokers[1..]);
        using var one = new ProcessGroup();
        using var rest = new ProcessGroup();
        await StartInAsync(application, one, alone);
        await StartInAsync(application, rest, others);
        await using var run = await FaultRun.StartAsync(
            application, 14, $"one broker cut off from the other two for {LongCut.TotalSeconds:0} s, while clients reach all three", output);
        var fault = run.Fault();
        await using (var cut = await NetworkCut.BetweenAsync(one, [.. others.SelectMany(broker => PortsOf(application, broker))]))
        {
            await cut.AddAsync(rest, PortsOf(application, alone));
            await FaultRun.LastsAsync(LongCut);
            // What it led is led by another one now; what is sent to it all the same is not acknowledged.
            await run.FlowsAsync(500);
            await LostSomethingAsync(cut);
        }

        fault.End();
        await run.Offsets.SeesAllInSyncAsync();
        run.Note($"{run.Load.FailedRequests} requests not acknowledged and sent again");
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> ConsumerFromBrokersAsync(RunningApplication application, ITestOutputHelper output)
    {
        using var group = new ProcessGroup();
        await StartInAsync(application, group, Consumer);
        await using var run = await FaultRun.StartAsync(
            application, 15, "a consumer cut off from the brokers past its session timeout, while it reaches the database", output);
        await TakenOverWhileCutAsync(run, group, Lost.Sent | Lost.Received);
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> ConsumerFromStoreAsync(RunningApplication application, ITestOutputHelper output)
    {
        using var group = new ProcessGroup();
        await StartInAsync(application, group, Consumer);
        await using var run = await FaultRun.StartAsync(
            application, 16, $"a consumer cut off from the database for {ShortCut.TotalSeconds:0} s, while it reaches the brokers", output);
        var fault = run.Fault();
        await using (var cut = await NetworkCut.BetweenAsync(group, [application.Port("postgres")]))
        {
            await FaultRun.LastsAsync(ShortCut);
            await LostSomethingAsync(cut);
        }

        fault.End();
        await run.FlowsAsync();
        var row = await run.FinishAsync();
        Assert.True(row.LongestPause > ShortCut / 2, $"Storing paused for {row.LongestPause} only: the consumer was not cut off.");
        Assert.True(row.Recovery < Patience, $"Storing went on {row.Recovery} after the network was back.");
        return row;
    }

    public static async Task<FaultRow> SlowLinkAsync(RunningApplication application, ITestOutputHelper output)
    {
        const double Share = 0.3;
        using var group = new ProcessGroup();
        await StartInAsync(application, group, Consumer);
        await using var run = await FaultRun.StartAsync(
            application, 17, string.Create(CultureInfo.InvariantCulture, $"a slow link: {Share:P0} of the packets between a consumer and brokers and database lost for {LongCut.TotalSeconds:0} s"), output);
        var fault = run.Fault();
        await using (var cut = await NetworkCut.BetweenAsync(group, [.. BrokerPorts(application), application.Port("postgres")], share: Share))
        {
            await FaultRun.LastsAsync(LongCut);
            await run.FlowsAsync();
            await LostSomethingAsync(cut);
        }

        fault.End();
        await run.FlowsAsync();
        return await run.FinishAsync();
    }

    public static async Task<FaultRow> HalfOpenAsync(RunningApplication application, ITestOutputHelper output)
    {
        using var group = new ProcessGroup();
        await StartInAsync(application, group, Consumer);
        await using var run = await FaultRun.StartAsync(
            application, 18, "half-open connections: a consumer that the brokers hear and that does not hear them; one that is gone in the middle of a batch without a word to the database", output);
        await TakenOverWhileCutAsync(run, group, Lost.Received);
        await GoneWithoutAWordAsync(run, group);
        return await run.FinishAsync();
    }

    /// <summary>The others take over what a consumer has that is cut off from the brokers; it comes back when it hears them again.</summary>
    private static async Task TakenOverWhileCutAsync(FaultRun run, ProcessGroup group, Lost lost)
    {
        var application = run.Application;
        var fenced = await ServiceMetrics.CounterAsync(application, Consumer, "kafka_consumer_fenced_total", CancellationToken.None);
        await ConsumerFaults.SeesClaimsAsync(application, Consumer, owned => owned > 0);
        var fault = run.Fault();
        var began = Stopwatch.GetTimestamp();
        await using (var cut = await NetworkCut.BetweenAsync(group, BrokerPorts(application), lost))
        {
            await ConsumerFaults.SeesClaimsAsync(application, Consumer, owned => owned == 0);
            await run.StoresAgainAsync(DateTimeOffset.UtcNow);
            run.Note($"taken over after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
            await LostSomethingAsync(cut);
        }

        fault.End();
        await ConsumerFaults.SeesClaimsAsync(application, Consumer, owned => owned > 0);
        await run.FlowsAsync();
        fenced = await ServiceMetrics.CounterAsync(application, Consumer, "kafka_consumer_fenced_total", CancellationToken.None) - fenced;
        run.Note($"{fenced:0} writes fenced");
    }

    /// <summary>
    /// As when a machine loses its power: the database holds the batch's transaction, with the rows of its partitions, for a client that there is
    /// not any more, and nothing tells it so.
    /// </summary>
    private static async Task GoneWithoutAWordAsync(FaultRun run, ProcessGroup group)
    {
        var application = run.Application;
        var fault = run.Fault();
        var began = Stopwatch.GetTimestamp();
        await using (var cut = await StopInTheMiddleAsync(application, group))
        {
            await ConsumerFaults.SeesClaimsAsync(application, Consumer, owned => owned == 0);
            await run.StoresAgainAsync(DateTimeOffset.UtcNow);
            run.Note($"gone without a word: taken over after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
            await LostSomethingAsync(cut);
        }

        await application.StartAsync(Consumer);
        fault.End();
        await ConsumerFaults.SeesClaimsAsync(application, Consumer, owned => owned > 0);
        await run.FlowsAsync();
    }

    private static async Task<NetworkCut> StopInTheMiddleAsync(RunningApplication application, ProcessGroup group)
    {
        await using var batch = await BatchInFlight.HoldAsync(application.Logs, Consumer);
        var cut = await NetworkCut.BetweenAsync(group, [.. BrokerPorts(application), application.Port("postgres")]);
        try
        {
            await application.KillAsync(Consumer);
            return cut;
        }
        catch
        {
            await cut.DisposeAsync();
            throw;
        }
    }

    private static IReadOnlyList<int> BrokerPorts(RunningApplication application) => [.. Brokers.Select(application.Port)];

    /// <summary>Where a broker listens: for clients and brokers, and for controllers if it is one.</summary>
    private static IReadOnlyList<int> PortsOf(RunningApplication application, string broker)
    {
        var id = broker[(broker.IndexOf('-', StringComparison.Ordinal) + 1)..];
        var properties = File.ReadAllText(Path.Combine(application.DataPath, "kafka", $"broker-{id}", "server.properties"));
        var controller = ControllerListener().Match(properties);
        return controller.Success ? [application.Port(broker), int.Parse(controller.Groups[1].Value, CultureInfo.InvariantCulture)] : [application.Port(broker)];
    }

    /// <summary>Starts resources again, one after another, as members of a group of processes.</summary>
    private static async Task StartInAsync(RunningApplication application, ProcessGroup group, params string[] resources)
    {
        await application.StartAllAsync(Patience);
        foreach (var resource in resources)
        {
            var starter = LinuxProcess.ParentOf(application.ProcessId(resource));
            await application.StopAsync(resource);
            await group.StartedByAsync(starter, () => application.StartAsync(resource));
            Assert.True(group.Has(application.ProcessId(resource)), $"{resource} was not started by the process that had started it before.");
            await using var offsets = new OffsetWatch(application);
            await offsets.SeesAllInSyncAsync();
        }
    }

    private static async Task LostSomethingAsync(NetworkCut cut)
    {
        var packets = await cut.PacketsAsync();
        Assert.True(packets.Sum() > 0, "No packet was lost: nothing was cut.");
    }

    [GeneratedRegex(@"^listeners=.*CONTROLLER://[^:]*:(\d+)", RegexOptions.Multiline)]
    private static partial Regex ControllerListener();
}
