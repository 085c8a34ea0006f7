using System.Globalization;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Observability;
using LogPartitioning.Tests.Servers;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Integration;

/// <summary>Instances come and go under load: what the group tells of it, and whether Prometheus counts every event once.</summary>
[Collection(SharedApplication.Name)]
public sealed class ScalingTests(ApplicationFixture fixture, ITestOutputHelper output)
{
    private const string Processed = "log_events_processed_by_partition_total";

    /// <summary>
    /// A partition that stays goes on during a rebalance. What is measured for it is an upper bound: on a busy machine its
    /// worker may just not have had its turn. A partition that was stopped and started again would be away for longer.
    /// </summary>
    private const double LongestPauseOfKept = 1_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly RunningApplication _application = fixture.Application;
    private readonly Dictionary<string, Rebalance> _rebalances = [];

    private PrometheusQueries Prometheus => new(_application.Client("prometheus"));

    [PrometheusFact(Servers = true)]
    public async Task From_one_to_three_to_four_and_back_under_load()
    {
        await ScaleAsync(["consumer-4", "consumer-3", "consumer-2"], _application.StopAsync, "12");
        try
        {
            var processedBefore = await SeesProcessedAtRestAsync("consumer-1");
            var since = DateTimeOffset.UtcNow;
            await using var load = await AuditedLoad.StartAsync(_application, new SyntheticTraffic
            {
                Events = null,
                Sources = 96,
                SourcePrefix = "scaling",
                Rate = 300,
                Sending = new SendingOptions { Batch = 20, Concurrency = 24 },
            });

            await ScaleAsync(["consumer-2", "consumer-3"], _application.StartAsync, "4+4+4", load, since);
            await ScaleAsync(["consumer-4"], _application.StartAsync, "3+3+3+3", load, since);
            await ScaleAsync(["consumer-4"], _application.StopAsync, "4+4+4", load, since);
            await ScaleAsync(["consumer-3", "consumer-2"], _application.StopAsync, "12", load, since);

            var audit = await load.AuditAsync(Patience);
            load.AssertPassed(audit);
            await SeesProcessedAsync(since, processedBefore, audit.Stored);
        }
        finally
        {
            await _application.StartAllAsync(Patience);
            await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");
        }

        AssertEachIsShown();
    }

    /// <summary>Each that came and each that went, what it took over and gave up, and how long partitions stood still meanwhile.</summary>
    private void AssertEachIsShown()
    {
        var all = _rebalances.Values.OrderBy(r => r.At).ToList();
        foreach (var rebalance in all)
        {
            output.WriteLine(rebalance.ToString());
        }

        string[] others = ["consumer-2", "consumer-3", "consumer-4"];
        foreach (var instance in others)
        {
            Assert.True(all.Any(r => r.Instance == instance && r.Cause == "first" && r.Gained.Count > 0), $"Nothing shows that {instance} came.");
            Assert.True(all.Any(r => r.Instance == instance && r.Cause == "shutdown" && r.GivenUp.Count > 0), $"Nothing shows that {instance} went.");
        }

        Assert.True(all.Any(r => r.Instance == "consumer-1" && r.Cause == "join" && r.GivenUp.Count > 0), "Nothing shows that consumer-1 gave partitions to those that came.");
        Assert.True(all.Any(r => r.Instance == "consumer-1" && r.Cause == "leave" && r.Gained.Count > 0), "Nothing shows that consumer-1 took partitions from those that went.");
        Assert.Equal(0, all.Sum(r => r.Dropped));

        var moved = all.SelectMany(r => r.Gained.Where(r.Pauses.ContainsKey).Select(p => r.Pauses[p])).ToList();
        var kept = all.SelectMany(r => r.Kept.Select(p => r.Pauses[p])).ToList();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Count} rebalances; {moved.Count} of {all.Sum(r => r.Gained.Count)} moves with a pause, the longest {moved.Max():0} ms; {kept.Count} kept, {kept.Count(ms => ms == 0)} of them with a pause of 0, the longest {kept.Max():0} ms"));
        // A partition that moves on before its first event has no pause to tell.
        Assert.True(moved.Count >= all.Sum(r => r.Gained.Count) / 2, $"Only {moved.Count} of {all.Sum(r => r.Gained.Count)} moves have a pause.");
        Assert.NotEmpty(kept);
        Assert.All(kept, ms => Assert.True(ms < LongestPauseOfKept, $"A partition that was not moved stood still for {ms} ms."));
    }

    private async Task ScaleAsync(string[] instances, Func<string, Task> change, string spread, AuditedLoad? load = null, DateTimeOffset since = default)
    {
        await Task.WhenAll(instances.Select(change));
        await GroupAssignment.SeesSpreadAsync(_application, spread);
        if (load is null)
        {
            return;
        }

        var enough = load.Statistics.Acknowledged + 600;
        await Eventually.SeesAsync("600 more events acknowledged", _ => Task.FromResult(load.Statistics), now => now.Acknowledged >= enough, Patience);
        // After each step: the list has an end, and a pause is added when it is over.
        foreach (var rebalance in await Rebalance.ReadAsync(_application, since))
        {
            _rebalances[rebalance.Id] = rebalance;
        }
    }

    /// <summary>What an instance has processed, once Prometheus knows as much as it says itself and nothing of the others.</summary>
    private Task<double> SeesProcessedAtRestAsync(string instance)
    {
        string selector = $$"""{{Processed}}{job="consumer"}""";
        return Eventually.SeesAsync(
            $"the count of {instance} in Prometheus and by itself, and of no other",
            async token =>
            {
                var known = await Prometheus.QueryAsync(selector, token);
                var own = await ServiceMetrics.CounterAsync(_application, instance, Processed, token);
                return known.All(s => s.Labels["instance"] == instance) && known.Sum(s => s.Value) == own ? own : -1;
            },
            count => count >= 0,
            Patience);
    }

    /// <summary>Every instance was there from the beginning or began at 0, so what it processed is in its last sample.</summary>
    private async Task SeesProcessedAsync(DateTimeOffset since, double before, long stored)
    {
        var processed = await Eventually.SeesAsync(
            $"{stored} events processed in Prometheus",
            async token => (await Prometheus.SamplesAsync($$"""{{Processed}}{job="consumer"}""", since, token)).Sum(series => series.Values[^1]) - before,
            sum => sum == stored,
            Patience);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{stored} stored, {processed} processed in Prometheus"));
    }
}
