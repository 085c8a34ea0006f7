using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Reports;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>What <c>send</c> and <c>replay</c> share: sends traffic with a ledger and shows how it goes.</summary>
internal static class TrafficRun
{
    /// <param name="traffic">What to send.</param>
    /// <param name="verb">What is done with it, in words.</param>
    /// <param name="kind">What the ledger calls the run.</param>
    /// <param name="ledgers">The folder of the ledgers.</param>
    /// <param name="cancellationToken">Ends the run gently: what is in flight is brought to an end first.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ITraffic traffic, string verb, string kind, string ledgers, CancellationToken cancellationToken)
    {
        MistakeException.ThrowIfAny(traffic.Problems());
        var gateway = traffic.Sending.Gateway;
        await GatewayHttp.RequireAsync(gateway, cancellationToken);
        await using var ledger = await Ledger.CreateAsync(ledgers, kind, gateway, DateTimeOffset.UtcNow, cancellationToken);
        await using var run = LoadRun.Start(traffic, ledger);
        Screen.Say($"{verb} {traffic.Description} to {gateway.GetLeftPart(UriPartial.Authority)}.");
        await using (cancellationToken.Register(() =>
        {
            Screen.Say("Stopping: waiting for what is in flight. Once more to end at once.");
            run.Stop();
        }))
        {
            await ProgressView.ShowAsync(run.Completion, () => (traffic.Fraction(run.Statistics), RunTable.Line(run.Statistics)));
        }

        RunTable.Show(run.Statistics, ledger.Path);
        return cancellationToken.IsCancellationRequested ? ExitCodes.Interrupted
            : run.Statistics.AllAcknowledged ? ExitCodes.Success : ExitCodes.Failed;
    }
}
