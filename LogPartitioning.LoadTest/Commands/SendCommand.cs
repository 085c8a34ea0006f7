using System.CommandLine;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;
using LogPartitioning.LoadTest.Output;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>send</c>, and what the program does without a command.</summary>
internal sealed class SendCommand
{
    private static readonly LoadOptions Defaults = new();

    private readonly GatewayOptions _gateway;
    private readonly Option<long?> _events = new("--events", "-n")
    {
        Description = $"Events to send. [default: {Defaults.Events}, or no end when --duration is given]",
        HelpName = "n",
        CustomParser = ValueParsers.BigWhole,
    };

    private readonly Option<int> _sources = new("--sources", "-s")
    {
        Description = "Log sources.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.Sources,
        CustomParser = ValueParsers.Whole,
    };

    private readonly Option<string> _prefix = new("--prefix")
    {
        Description = "Sources are named <prefix>-1, <prefix>-2, …",
        HelpName = "text",
        DefaultValueFactory = _ => Defaults.SourcePrefix,
    };

    private readonly Option<double> _rate = new("--rate", "-r")
    {
        Description = "Events per second; 0 for as fast as they are acknowledged.",
        HelpName = "n",
        DefaultValueFactory = _ => 0,
        CustomParser = ValueParsers.Number,
    };

    private readonly Option<TimeSpan?> _duration = new("--duration", "-d")
    {
        Description = "Stop after this time: 30s, 2m, 1h.",
        HelpName = "time",
        CustomParser = ValueParsers.Duration,
    };

    private readonly Option<int> _messageBytes = new("--message-bytes")
    {
        Description = "Length of a message.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.MessageBytes,
        CustomParser = ValueParsers.Whole,
    };

    private readonly Option<double> _hotShare = new("--hot-share")
    {
        Description = "Share of the load that comes from one source: 50% or 0.5.",
        HelpName = "share",
        DefaultValueFactory = _ => 0,
        CustomParser = ValueParsers.Share,
    };

    private readonly Option<string?> _hotSource = new("--hot-source")
    {
        Description = "The name of that source. [default: the first]",
        HelpName = "name",
    };

    private readonly Option<int> _seed = new("--seed")
    {
        Description = "The same seed makes the same sources, levels and messages; ids are always new.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.Seed,
        CustomParser = ValueParsers.Whole,
    };

    public SendCommand(GatewayOptions gateway) => _gateway = gateway;

    public IEnumerable<Option> Options =>
    [
        _events, _sources, _rate, _duration, _messageBytes, _hotShare, _hotSource, _prefix, _seed, .. _gateway.Sending,
    ];

    public Command Build()
    {
        var command = new Command("send", "Send made-up events through the gateway (the default).");
        foreach (var option in Options)
        {
            command.Add(option);
        }

        command.SetAction(RunAsync);
        return command;
    }

    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var duration = parsed.GetValue(_duration);
        var options = new LoadOptions
        {
            Events = parsed.GetValue(_events) ?? (duration is null ? Defaults.Events : null),
            Sources = parsed.GetRequiredValue(_sources),
            SourcePrefix = parsed.GetRequiredValue(_prefix),
            Rate = parsed.GetRequiredValue(_rate),
            Duration = duration,
            MessageBytes = parsed.GetRequiredValue(_messageBytes),
            HotShare = parsed.GetRequiredValue(_hotShare),
            HotSource = parsed.GetValue(_hotSource),
            Seed = parsed.GetRequiredValue(_seed),
            Sending = _gateway.ReadSending(parsed),
        };
        Mistakes.ThrowIfAny(options.Problems());
        await GatewayProbe.RequireAsync(options.Sending.Gateway, cancellationToken).ConfigureAwait(false);

        var ledger = await Ledger.CreateAsync(
            parsed.GetRequiredValue(_gateway.Ledger).FullName, "send", options.Sending.Gateway, DateTimeOffset.UtcNow, cancellationToken)
            .ConfigureAwait(false);
        await using (ledger.ConfigureAwait(false))
        {
            var load = new LoadGenerator(options, ledger);
            await using (load.ConfigureAwait(false))
            {
                Screen.Say($"Sending {Amount(options)} from {options.Sources:N0} sources to {options.Sending.Gateway.GetLeftPart(UriPartial.Authority)}.");
                load.Start();
                await RunProgress.ShowAsync(
                    load.Completion, () => Step(load.Statistics, options), load.StopAsync, cancellationToken).ConfigureAwait(false);
                ResultTables.Show(load.Statistics, ledger.Path);
                return cancellationToken.IsCancellationRequested ? ExitCodes.Interrupted
                    : load.Statistics.AllAcknowledged ? ExitCodes.Success : ExitCodes.Failed;
            }
        }
    }

    private static RunStep Step(LoadStatistics statistics, LoadOptions options)
    {
        var byEvents = options.Events is { } events ? (double)(statistics.Acknowledged + statistics.Rejected + statistics.Unknown) / events : 0;
        var byTime = options.Duration is { } duration ? statistics.Elapsed / duration : 0;
        return new RunStep(Math.Min(1, Math.Max(byEvents, byTime)), statistics);
    }

    private static string Amount(LoadOptions options) => (options.Events, options.Duration) switch
    {
        ({ } events, null) => $"{events:N0} events",
        ({ } events, { } duration) => $"at most {events:N0} events for {duration.TotalSeconds:0.#} s",
        (null, { } duration) => $"events for {duration.TotalSeconds:0.#} s",
        _ => "events",
    };
}
