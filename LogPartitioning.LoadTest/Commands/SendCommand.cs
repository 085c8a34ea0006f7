using System.CommandLine;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>send</c>, and what the program does without a command.</summary>
internal static class SendCommand
{
    private static readonly SyntheticTraffic Defaults = new();

    /// <summary>A minute that has something to show: two dozen sources, and one that takes half of the load.</summary>
    private static readonly SyntheticTraffic Demo = Defaults with
    {
        Sources = 24,
        SourcePrefix = "demo",
        Rate = 1500,
        Duration = TimeSpan.FromMinutes(1),
        HotShare = 0.5,
        HotSource = "demo-checkout",
    };

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
        var demo = command.Add<bool>(
            "--demo", null, $"A lively minute for the console: {Demo.Sources} sources, {Demo.Rate} events per second, half of them from {Demo.HotSource}. Other options change it.");
        var readSending = command.AddSending();
        command.SetAction((parsed, cancellationToken) =>
        {
            var (sending, ledgers) = readSending(parsed);
            var given = parsed.GetValue(demo) ? Demo : Defaults;
            var time = Given(duration, given.Duration);
            var traffic = new SyntheticTraffic
            {
                Events = parsed.GetValue(events) ?? (time is null ? Defaults.Events : null),
                Sources = Given(sources, given.Sources),
                SourcePrefix = Given(prefix, given.SourcePrefix),
                Rate = Given(rate, given.Rate),
                Duration = time,
                MessageBytes = parsed.GetRequiredValue(messageBytes),
                HotShare = Given(hotShare, given.HotShare),
                HotSource = parsed.GetValue(hotSource) ?? given.HotSource,
                Seed = parsed.GetRequiredValue(seed),
                Sending = sending,
            };
            return TrafficRun.RunAsync(traffic, "Sending", "send", ledgers, cancellationToken);

            T Given<T>(Option<T> option, T otherwise) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option)! : otherwise;
        });
        return command;
    }
}
