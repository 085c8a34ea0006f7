using System.CommandLine;
using System.CommandLine.Parsing;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>Adds options to commands: one option a call, and those that several commands share.</summary>
internal static class CommandOptions
{
    private static readonly SendingOptions Defaults = new();

    /// <summary>The default folder of the ledgers: in the checkout that this program was built in, whatever the current folder.</summary>
    private static string DefaultLedgers
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "LogPartitioning.sln")))
            {
                folder = folder.Parent;
            }

            // A copy away from its checkout keeps its ledgers where it is used.
            return Path.Combine(folder?.FullName ?? Environment.CurrentDirectory, ".data", "ledger");
        }
    }

    /// <summary>Adds an option that has a default.</summary>
    /// <param name="command">The command.</param>
    /// <param name="names">Its name, and after a <c>|</c> its short one.</param>
    /// <param name="value">What its value is called in the help.</param>
    /// <param name="fallback">The default.</param>
    /// <param name="description">What it does.</param>
    /// <param name="parse">Reads the value; null for the library's own way.</param>
    public static Option<T> Add<T>(
        this Command command, string names, string value, T fallback, string description, Func<ArgumentResult, T?>? parse = null)
    {
        var option = command.Add(names, value, description, parse);
        option.DefaultValueFactory = _ => fallback;
        return option;
    }

    /// <summary>Adds an option without a default, or a flag: one without a name for its value.</summary>
    public static Option<T> Add<T>(
        this Command command, string names, string? value, string description, Func<ArgumentResult, T?>? parse = null)
    {
        var option = new Option<T>(names.Split('|')[0], names.Split('|')[1..]) { HelpName = value, Description = description, CustomParser = parse };
        command.Add(option);
        return option;
    }

    /// <summary>Adds the options that name the gateway and the folder of the ledgers.</summary>
    public static (Option<Uri> Gateway, Option<DirectoryInfo> Ledgers) AddGateway(this Command command) =>
        (command.Add("--gateway|-g", "url", Defaults.Gateway, "The gateway's address.", ValueParsers.Address),
        command.Add(
            "--ledger", "folder", new DirectoryInfo(DefaultLedgers), "The folder of the ledgers, the record of what was acknowledged."));

    /// <summary>Adds the options on how to send.</summary>
    /// <returns>Reads their values, and the folder of the ledgers.</returns>
    public static Func<ParseResult, (SendingOptions Sending, string Ledgers)> AddSending(this Command command)
    {
        var (gateway, ledgers) = command.AddGateway();
        var batch = command.Add("--batch|-b", "n", Defaults.Batch, "Events in one request.", ValueParsers.Whole);
        var concurrency = command.Add(
            "--concurrency|-c", "n", Defaults.Concurrency,
            "Requests in flight at most; a source has one in flight at a time.", ValueParsers.Whole);
        var timeout = command.Add(
            "--timeout", "time", Defaults.RequestTimeout,
            "Time for one request; after it the events are sent again with the same ids.", ValueParsers.Duration);
        var giveUp = command.Add(
            "--give-up", "time", Defaults.GiveUp,
            "How long an event is sent again before its outcome is left unknown.", ValueParsers.Duration);
        return parsed => (
            new SendingOptions
            {
                Gateway = parsed.GetRequiredValue(gateway),
                Batch = parsed.GetRequiredValue(batch),
                Concurrency = parsed.GetRequiredValue(concurrency),
                RequestTimeout = parsed.GetRequiredValue(timeout),
                GiveUp = parsed.GetRequiredValue(giveUp),
            },
            parsed.GetRequiredValue(ledgers).FullName);
    }
}
