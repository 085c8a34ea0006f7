using System.Runtime.CompilerServices;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.LoadTest.Checks;

/// <summary>
/// Checks a running system from outside, through the gateway alone: who consumes, where events of many sources go,
/// what the lag is, whether a hot source is named, and that all of it is stored once and in order.
/// </summary>
internal sealed class PartitioningCheck(CheckOptions options, Ledger ledger)
{
    private const int EventsPerSource = 10;

    /// <summary>Runs the checks; each result comes as soon as it is known.</summary>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <exception cref="GatewayException">The gateway does not answer, or refuses.</exception>
    public async IAsyncEnumerable<CheckResult> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var http = GatewayHttp.Create(options.Sending.Gateway);
        var gateway = new GatewayReads(http, TimeProvider.System);
        var store = new GatewayStoredEvents(gateway);
        // New sources in each run: those of earlier runs may have been split.
        var prefix = $"check-{DateTimeOffset.UtcNow:yyyyMMddHHmmss}";
        var partitions = (await gateway.GetMappingAsync(prefix, cancellationToken)).Partitions;
        var group = new GroupChecks(gateway, partitions);
        yield return await group.HealthAsync(cancellationToken);
        yield return await group.AssignmentAsync(cancellationToken);

        yield return await SendAsync(prefix, cancellationToken);
        var sent = (await LedgerReader.ReadAsync(ledger.Path, cancellationToken)).Entries;
        var spread = new SpreadChecks(sent, partitions);
        yield return spread.Distribution();
        yield return await group.LagAsync(LedgerEntry.HighestOffsets(sent), options.Wait, cancellationToken);
        yield return await spread.MappingAsync(gateway, store, prefix + "-unseen", cancellationToken);
        yield return await group.DistributionAsync(cancellationToken);

        if (options.HotTime is { } limit)
        {
            yield return await new HotSourceCheck(gateway, ledger, options).RunAsync(prefix + "-hot", limit, cancellationToken);
        }

        yield return await AuditAsync(store, cancellationToken);
    }

    private async Task<CheckResult> SendAsync(string prefix, CancellationToken cancellationToken)
    {
        var traffic = new SyntheticTraffic
        {
            Events = (long)options.Sources * EventsPerSource,
            Sources = options.Sources,
            SourcePrefix = prefix,
            Sending = options.Sending,
        };
        await using var run = LoadRun.Start(traffic, ledger);
        await run.Completion.WaitAsync(cancellationToken);
        var s = run.Statistics;
        return new CheckResult(
            "sending",
            s.AllAcknowledged,
            $"{s.Acknowledged:N0} of {s.Sent:N0} events acknowledged, {s.EventsPerSecond:N0}/s, p99 {s.P99.TotalMilliseconds:N0} ms"
            + (s.LastProblem is { } problem ? $"; last problem: {problem}" : ""));
    }

    private async Task<CheckResult> AuditAsync(GatewayStoredEvents store, CancellationToken cancellationToken)
    {
        var contents = await LedgerReader.ReadAsync(ledger.Path, cancellationToken);
        var report = await new Audit(store).RunAsync([contents], options.Wait, cancellationToken);
        return new CheckResult(
            "audit",
            report.Passed,
            $"{report.Acknowledged:N0} acknowledged, {report.Lost:N0} lost, {report.Duplicated:N0} duplicated, {report.OutOfOrder:N0} out of order"
            + (report.Examples is [var first, ..] ? $"; {first.Description}" : ""));
    }
}
