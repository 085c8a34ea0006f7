using System.CommandLine;
using LogPartitioning.LoadTest.Reports;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.LoadTest.Commands;

/// <summary><c>replay FILE…</c>: sends files.</summary>
internal static class SendFilesCommand
{
    public static Command Define()
    {
        var command = new Command(
            "replay", "Send real log files: each line one event, its message equal to the line, in the file's order.");
        var files = new Argument<string[]>("FILE")
        {
            Description = "Log files, UTF-8; each becomes a source named after it, without its extension.",
            Arity = ArgumentArity.OneOrMore,
        };
        command.Add(files);
        var rate = command.Add(
            "--rate|-r", "n", 0, "Lines per second over all files; 0 for as fast as they are acknowledged.", ValueParsers.Number);
        var replaceInvalid = command.Add<bool>(
            "--replace-invalid", null, "Send lines that are not UTF-8 with replacement characters instead of leaving them out.");
        var readSending = command.AddSending();
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (sending, ledgers) = readSending(parsed);
            var traffic = new FileTraffic(parsed.GetRequiredValue(files))
            {
                Rate = parsed.GetRequiredValue(rate),
                ReplaceInvalid = parsed.GetValue(replaceInvalid),
                Sending = sending,
            };
            var exitCode = await TrafficRun.RunAsync(traffic, "Replaying", "replay", ledgers, cancellationToken);
            ShowLeftOut(traffic);
            return exitCode == ExitCodes.Success && traffic.LeftOut > 0 ? ExitCodes.Failed : exitCode;
        });
        return command;
    }

    private static void ShowLeftOut(FileTraffic traffic)
    {
        if (traffic.LeftOut > 0)
        {
            Screen.Warn($"{traffic.LeftOut:N0} lines were not sent:");
            Screen.Warn(string.Join(Environment.NewLine, traffic.LeftOutExamples.Select(example => "  " + example)));
            Screen.Warn(traffic.LeftOut > traffic.LeftOutExamples.Count ? "  …" : "");
        }
    }
}
