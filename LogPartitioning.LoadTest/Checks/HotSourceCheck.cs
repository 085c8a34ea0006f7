using System.Text.Json;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>Makes one source hot and waits until the system names it.</summary>
internal sealed class HotSourceCheck(GatewayReads gateway, CheckOptions options, TimeProvider time)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Sends until the source is named as hot, at most for the time that the options give.</summary>
    /// <param name="prefix">What the sources are named after; the hot one is the first.</param>
    /// <param name="ledger">Where acknowledgements go.</param>
    /// <param name="limit">The longest time to send.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task<CheckResult> RunAsync(string prefix, Ledger ledger, TimeSpan limit, CancellationToken cancellationToken)
    {
        var hot = prefix + "-1";
        var load = new LoadGenerator(
            new LoadOptions
            {
                Events = null,
                Sources = 24,
                SourcePrefix = prefix,
                Rate = options.HotRate,
                Duration = limit,
                HotShare = options.HotShare,
                Sending = options.Sending,
            },
            ledger,
            time);
        await using (load.ConfigureAwait(false))
        {
            load.Start();
            var startedAt = time.GetTimestamp();
            var seen = "nothing";
            var named = false;
            while (!named && !load.Completion.IsCompleted)
            {
                await Task.WhenAny(load.Completion, Task.Delay(Look, time, cancellationToken)).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                (named, seen) = await LookAsync(hot, cancellationToken).ConfigureAwait(false);
            }

            var after = time.GetElapsedTime(startedAt);
            await load.StopAsync(cancellationToken).ConfigureAwait(false);
            var sent = load.Statistics;
            return new CheckResult(
                "hot source",
                named && sent.AllAcknowledged,
                named
                    ? $"{hot} named after {after.TotalSeconds:0} s, {seen}; sent {options.HotShare:P0} of {sent.Acknowledged:N0} events"
                    : $"{hot} was not named in {after.TotalSeconds:0} s with {options.HotShare:P0} of {sent.Acknowledged:N0} events; last seen: {seen}");
        }
    }

    /// <summary>Found among the heaviest, unasked: an operator does not know its name.</summary>
    private async Task<(bool Named, string Seen)> LookAsync(string hot, CancellationToken cancellationToken)
    {
        using var mapping = await gateway.GetAsync("api/partition-mapping", cancellationToken).ConfigureAwait(false);
        foreach (var source in mapping.RootElement.GetProperty("sources").EnumerateArray())
        {
            if (source.GetProperty("source").GetString() == hot)
            {
                var share = source.TryGetProperty("share", out var told) && told.ValueKind == JsonValueKind.Number ? told.GetDouble() : double.NaN;
                return (source.GetProperty("hot").GetBoolean(), $"share of the window {share:P0}");
            }
        }

        return (false, "it is not among the sources listed");
    }
}
