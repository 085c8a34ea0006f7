using System.CommandLine;
using LogPartitioning.LoadTest.Checks;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Output;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>check-partitioning</c>, which <c>test-partitioning.sh</c> runs.</summary>
internal sealed class CheckPartitioningCommand
{
    private static readonly CheckOptions Defaults = new();

    private readonly GatewayOptions _gateway;
    private readonly Option<int> _sources = new("--sources", "-s")
    {
        Description = "Sources whose distribution is checked.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.Sources,
        CustomParser = ValueParsers.Whole,
    };

    private readonly Option<TimeSpan?> _wait = new("--wait", "-w")
    {
        Description = "How long the consumers may take to pass what was sent.",
        HelpName = "time",
        DefaultValueFactory = _ => Defaults.Wait,
        CustomParser = ValueParsers.Duration,
    };

    private readonly Option<TimeSpan?> _hotTime = new("--hot-time")
    {
        Description = "How long a hot source is kept up until it is named.",
        HelpName = "time",
        DefaultValueFactory = _ => Defaults.HotTime,
        CustomParser = ValueParsers.Duration,
    };

    private readonly Option<double> _hotRate = new("--hot-rate")
    {
        Description = "Events per second of that load.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.HotRate,
        CustomParser = ValueParsers.Number,
    };

    private readonly Option<bool> _noHot = new("--no-hot")
    {
        Description = "Leave the hot source out: it takes a minute or two.",
    };

    public CheckPartitioningCommand(GatewayOptions gateway) => _gateway = gateway;

    public Command Build()
    {
        var command = new Command(
            "check-partitioning",
            "Check a running system: consumer health, assignment, distribution, mapping, lag, a hot source. A line each; ends with 1 if one is off.");
        foreach (var option in new Option[] { _sources, _wait, _hotTime, _hotRate, _noHot, _gateway.Gateway, _gateway.Ledger })
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new CheckOptions
        {
            Sources = parsed.GetRequiredValue(_sources),
            Wait = parsed.GetRequiredValue(_wait)!.Value,
            HotTime = parsed.GetValue(_noHot) ? null : parsed.GetRequiredValue(_hotTime),
            HotRate = parsed.GetRequiredValue(_hotRate),
            Sending = new() { Gateway = parsed.GetRequiredValue(_gateway.Gateway) },
        };
        Mistakes.ThrowIfAny(options.Problems());
        await GatewayProbe.RequireAsync(options.Sending.Gateway, cancellationToken).ConfigureAwait(false);

        var ledger = await Ledger.CreateAsync(
            parsed.GetRequiredValue(_gateway.Ledger).FullName, "check", options.Sending.Gateway, DateTimeOffset.UtcNow, cancellationToken)
            .ConfigureAwait(false);
        await using (ledger.ConfigureAwait(false))
        {
            var failed = 0;
            var all = 0;
            await foreach (var result in new PartitioningChecks(options, ledger).RunAsync(cancellationToken).ConfigureAwait(false))
            {
                all++;
                failed += result.Passed ? 0 : 1;
                var line = $"{(result.Passed ? "ok  " : "OFF ")} {result.Name,-20} {result.Figures}";
                if (result.Passed)
                {
                    Screen.Say(line);
                }
                else
                {
                    Screen.Bad(line);
                }
            }

            Screen.Say($"{all - failed} of {all} checks passed");
            return failed == 0 ? ExitCodes.Success : ExitCodes.Failed;
        }
    }
}
