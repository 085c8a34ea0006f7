using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>Makes one source hot and waits until the system names it.</summary>
internal sealed class HotSourceCheck(GatewayReads gateway, Ledger ledger, CheckOptions options)
{
    private const double HotShare = 0.6;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Sends until the source is named as hot, at most for <paramref name="limit"/>.</summary>
    /// <param name="prefix">What the sources are named after; the hot one is the first.</param>
    /// <param name="limit">The longest time to send.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<CheckResult> RunAsync(string prefix, TimeSpan limit, CancellationToken cancellationToken)
    {
        var traffic = new SyntheticTraffic
        {
            Events = null,
            Sources = 24,
            SourcePrefix = prefix,
            Rate = options.HotRate,
            Duration = limit,
            HotShare = HotShare,
            Sending = options.Sending,
        };
        var hot = prefix + "-1";
        await using var run = LoadRun.Start(traffic, ledger);
        SourceMapping? seen = null;
        while (seen is not { Hot: true } && !run.Completion.IsCompleted)
        {
            await Task.WhenAny(run.Completion, Task.Delay(Look, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
            // Looked for among the heaviest, unasked: an operator does not know its name.
            var heaviest = await gateway.GetAsync<PartitionMapping>("api/partition-mapping", cancellationToken);
            seen = heaviest.Sources.FirstOrDefault(source => source.Source == hot);
        }

        var after = run.Statistics.Elapsed;
        await run.StopAsync(cancellationToken);
        var sent = run.Statistics;
        var share = seen is null ? "it is not among the sources listed" : $"share of the window {seen.Share:P0}";
        return seen is { Hot: true }
            ? new CheckResult("hot source", sent.AllAcknowledged,
                $"{hot} named after {after.TotalSeconds:0} s, {share}; sent {HotShare:P0} of {sent.Acknowledged:N0} events")
            : new CheckResult("hot source", false,
                $"{hot} was not named in {after.TotalSeconds:0} s with {HotShare:P0} of {sent.Acknowledged:N0} events; last seen: {share}");
    }
}
