using System.Runtime.CompilerServices;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>
/// Checks a running system from outside, through the gateway alone: who consumes, where events of many sources go,
/// what the lag is, whether a hot source is named, and that all of it is stored once and in order.
/// </summary>
public sealed class PartitioningChecks(CheckOptions options, Ledger ledger, TimeProvider? time = null)
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Runs the checks; each result comes as soon as it is known.</summary>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <exception cref="GatewayException">The gateway does not answer, or refuses.</exception>
    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var http = GatewayHttp.Create(options.Sending.Gateway);
        var gateway = new GatewayReads(http, _time);
        using var store = new GatewayStoredEvents(options.Sending.Gateway, time: _time);
        var group = new GroupChecks(gateway, _time);
        // New sources in each run: those of earlier runs may have been split.
        var prefix = $"check-{_time.GetUtcNow():yyyyMMddHHmmss}";

        var partitions = (await store.ReadKeysAsync(prefix, cancellationToken).ConfigureAwait(false)).Partitions
            ?? throw new GatewayException("The gateway does not tell the number of partitions.");
        yield return await group.HealthAsync(cancellationToken).ConfigureAwait(false);
        yield return await group.AssignmentAsync(partitions, cancellationToken).ConfigureAwait(false);

        yield return await SendAsync(prefix, cancellationToken).ConfigureAwait(false);
        var sent = (await LedgerReader.ReadAsync(ledger.Path, cancellationToken).ConfigureAwait(false)).Entries;
        yield return SpreadChecks.Distribution(sent, partitions);
        yield return await group.LagAsync(partitions, Highest(sent), options.Wait, cancellationToken).ConfigureAwait(false);
        yield return await SpreadChecks.MappingAsync(store, sent, prefix + "-unseen", partitions, cancellationToken).ConfigureAwait(false);
        yield return await group.DistributionAsync(partitions, cancellationToken).ConfigureAwait(false);

        if (options.HotTime is { } limit)
        {
            yield return await new HotSourceCheck(gateway, options, _time)
                .RunAsync(prefix + "-hot", ledger, limit, cancellationToken).ConfigureAwait(false);
        }

        yield return await AuditAsync(store, cancellationToken).ConfigureAwait(false);
    }

    private static Dictionary<int, long> Highest(IReadOnlyList<LedgerEntry> sent) =>
        sent.GroupBy(e => e.Partition).ToDictionary(p => p.Key, p => p.Max(e => e.Offset));

    private async Task<CheckResult> SendAsync(string prefix, CancellationToken cancellationToken)
    {
        var load = new LoadGenerator(
            new LoadOptions
            {
                Events = (long)options.Sources * options.EventsPerSource,
                Sources = options.Sources,
                SourcePrefix = prefix,
                Sending = options.Sending,
            },
            ledger,
            _time);
        await using (load.ConfigureAwait(false))
        {
            load.Start();
            await load.Completion.WaitAsync(cancellationToken).ConfigureAwait(false);
            var s = load.Statistics;
            return new CheckResult(
                "sending",
                s.AllAcknowledged,
                $"{s.Acknowledged:N0} of {s.Sent:N0} events acknowledged, {s.EventsPerSecond:N0}/s, p99 {s.P99.TotalMilliseconds:N0} ms"
                + (s.LastProblem is { } problem ? $"; last problem: {problem}" : ""));
        }
    }

    private async Task<CheckResult> AuditAsync(GatewayStoredEvents store, CancellationToken cancellationToken)
    {
        var contents = await LedgerReader.ReadAsync(ledger.Path, cancellationToken).ConfigureAwait(false);
        var report = await new Audit(store, _time).RunAsync([contents], options.Wait, progress: null, cancellationToken).ConfigureAwait(false);
        return new CheckResult(
            "audit",
            report.Passed,
            $"{report.Acknowledged:N0} acknowledged, {report.Lost:N0} lost, {report.Duplicated:N0} duplicated, {report.OutOfOrder:N0} out of order"
            + (report.Examples is [var first, ..] ? $"; {first.Description}" : ""));
    }
}
