using System.CommandLine;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>send</c>, and what the program does without a command.</summary>
internal static class SendCommand
{
    private static readonly SyntheticTraffic Defaults = new();

    /// <summary>Gives a command the options and the action.</summary>
    public static Command Define(Command command)
    {
        var events = command.Add(
            "--events|-n", "n", $"Events to send. [default: {Defaults.Events}, or no end when --duration is given]", ValueParsers.BigWhole);
        var sources = command.Add("--sources|-s", "n", Defaults.Sources, "Log sources.", ValueParsers.Whole);
        var rate = command.Add("--rate|-r", "n", 0, "Events per second; 0 for as fast as they are acknowledged.", ValueParsers.Number);
        var duration = command.Add<TimeSpan?>(
            "--duration|-d", "time", "Stop after this time: 30s, 2m, 1h.", result => ValueParsers.Duration(result));
        var messageBytes = command.Add("--message-bytes", "n", Defaults.MessageBytes, "Length of a message.", ValueParsers.Whole);
        var hotShare = command.Add(
            "--hot-share", "share", 0, "Share of the load that comes from one source: 50% or 0.5.", ValueParsers.Share);
        var hotSource = command.Add<string>("--hot-source", "name", "The name of that source. [default: the first]");
        var prefix = command.Add("--prefix", "text", Defaults.SourcePrefix, "Sources are named <prefix>-1, <prefix>-2, …");
        var seed = command.Add(
            "--seed", "n", Defaults.Seed,
            "The same seed makes the same sources, levels and messages; ids are always new.", ValueParsers.Whole);
        var readSending = command.AddSending();
        command.SetAction((parsed, cancellationToken) =>
        {
            var (sending, ledgers) = readSending(parsed);
            var traffic = new SyntheticTraffic
            {
                Events = parsed.GetValue(events) ?? (parsed.GetValue(duration) is null ? Defaults.Events : null),
                Sources = parsed.GetRequiredValue(sources),
                SourcePrefix = parsed.GetRequiredValue(prefix),
                Rate = parsed.GetRequiredValue(rate),
                Duration = parsed.GetValue(duration),
                MessageBytes = parsed.GetRequiredValue(messageBytes),
                HotShare = parsed.GetRequiredValue(hotShare),
                HotSource = parsed.GetValue(hotSource),
                Seed = parsed.GetRequiredValue(seed),
                Sending = sending,
            };
            return TrafficRun.RunAsync(traffic, "Sending", "send", ledgers, cancellationToken);
        });
        return command;
    }
}
