using System.CommandLine;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Output;
using LogPartitioning.LoadTest.Replay;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>replay FILE…</c>.</summary>
internal sealed class ReplayCommand
{
    private readonly GatewayOptions _gateway;
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Log files, UTF-8; each becomes a source named after it, without its extension.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<double> _rate = new("--rate", "-r")
    {
        Description = "Lines per second over all files; 0 for as fast as they are acknowledged.",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
        CustomParser = ValueParsers.Number,
    };

    private readonly Option<bool> _replaceInvalid = new("--replace-invalid")
    {
        Description = "Send lines that are not UTF-8 with replacement characters instead of leaving them out.",
    };

    public ReplayCommand(GatewayOptions gateway) => _gateway = gateway;

    public Command Build()
    {
        var command = new Command(
            "replay", "Send real log files: each line one event, its message equal to the line, in the file's order.");
        command.Add(_files);
        command.Add(_rate);
        command.Add(_replaceInvalid);
        foreach (var option in _gateway.Sending)
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = new ReplayOptions
        {
            Files = parsed.GetRequiredValue(_files),
            Rate = parsed.GetRequiredValue(_rate),
            ReplaceInvalid = parsed.GetValue(_replaceInvalid),
            Sending = _gateway.ReadSending(parsed),
        };
        Mistakes.ThrowIfAny(options.Problems());
        await GatewayProbe.RequireAsync(options.Sending.Gateway, cancellationToken).ConfigureAwait(false);

        var ledger = await Ledger.CreateAsync(
            parsed.GetRequiredValue(_gateway.Ledger).FullName, "replay", options.Sending.Gateway, DateTimeOffset.UtcNow, cancellationToken)
            .ConfigureAwait(false);
        await using (ledger.ConfigureAwait(false))
        {
            using var replay = new LogReplay(options, ledger);
            using var stop = new CancellationTokenSource();
            Screen.Say($"Replaying {options.Files.Count:N0} file{(options.Files.Count > 1 ? "s" : "")} to {options.Sending.Gateway.GetLeftPart(UriPartial.Authority)}.");
            await RunProgress.ShowAsync(
                replay.RunAsync(stop.Token), () => new RunStep(replay.Fraction, replay.Statistics), _ => stop.CancelAsync(), cancellationToken)
                .ConfigureAwait(false);
            ResultTables.Show(replay.Statistics, ledger.Path);
            ShowUnsent(replay);
            return cancellationToken.IsCancellationRequested ? ExitCodes.Interrupted
                : replay.Statistics.AllAcknowledged && replay.Unsent == 0 ? ExitCodes.Success : ExitCodes.Failed;
        }
    }

    private static void ShowUnsent(LogReplay replay)
    {
        if (replay.Unsent == 0)
        {
            return;
        }

        Screen.Warn($"{replay.Unsent:N0} lines were not sent:");
        foreach (var example in replay.UnsentExamples)
        {
            Screen.Warn("  " + example);
        }

        if (replay.Unsent > replay.UnsentExamples.Count)
        {
            Screen.Warn("  …");
        }
    }
}
