using System.CommandLine;
using LogPartitioning.LoadTest.Checks;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Reports;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>check-partitioning</c>, which <c>test-partitioning.sh</c> runs.</summary>
internal static class CheckPartitioningCommand
{
    private static readonly CheckOptions Defaults = new();

    public static Command Define()
    {
        var command = new Command(
            "check-partitioning",
            "Check a running system: consumer health, assignment, distribution, mapping, lag, a hot source. A line each; ends with 1 if one is off.");
        var sources = command.Add("--sources|-s", "n", Defaults.Sources, "Sources whose distribution is checked.", ValueParsers.Whole);
        var wait = command.Add(
            "--wait|-w", "time", Defaults.Wait, "How long the consumers may take to pass what was sent.", ValueParsers.Duration);
        var hotTime = command.Add(
            "--hot-time", "time", Defaults.HotTime!.Value, "How long a hot source is kept up until it is named.", ValueParsers.Duration);
        var hotRate = command.Add("--hot-rate", "n", Defaults.HotRate, "Events per second of that load.", ValueParsers.Number);
        var noHot = command.Add<bool>("--no-hot", null, "Leave the hot source out: it takes a minute or two.");
        var (gateway, ledgers) = command.AddGateway();
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new CheckOptions
            {
                Sources = parsed.GetRequiredValue(sources),
                Wait = parsed.GetRequiredValue(wait),
                HotTime = parsed.GetValue(noHot) ? null : parsed.GetRequiredValue(hotTime),
                HotRate = parsed.GetRequiredValue(hotRate),
                Sending = new() { Gateway = parsed.GetRequiredValue(gateway) },
            },
            parsed.GetRequiredValue(ledgers).FullName,
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CheckOptions options, string ledgers, CancellationToken cancellationToken)
    {
        MistakeException.ThrowIfAny(options.Problems());
        var gateway = options.Sending.Gateway;
        await GatewayHttp.RequireAsync(gateway, cancellationToken);
        await using var ledger = await Ledger.CreateAsync(ledgers, "check", gateway, DateTimeOffset.UtcNow, cancellationToken);
        var results = new List<CheckResult>();
        await foreach (var result in new PartitioningCheck(options, ledger).RunAsync(cancellationToken))
        {
            results.Add(result);
            var line = $"{(result.Passed ? "ok  " : "OFF ")} {result.Name,-20} {result.Figures}";
            (result.Passed ? (Action<string>)Screen.Say : Screen.Bad)(line);
        }

        var passed = results.Count(result => result.Passed);
        Screen.Say($"{passed} of {results.Count} checks passed");
        return passed == results.Count ? ExitCodes.Success : ExitCodes.Failed;
    }
}
