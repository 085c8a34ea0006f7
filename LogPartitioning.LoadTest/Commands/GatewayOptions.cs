using System.CommandLine;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Commands;

/// <summary>The options that several commands share.</summary>
internal sealed class GatewayOptions
{
    private static readonly SendingOptions Defaults = new();

    public Option<Uri> Gateway { get; } = new("--gateway", "-g")
    {
        Description = "The gateway's address.",
        HelpName = "url",
        DefaultValueFactory = _ => SendingOptions.DefaultGateway,
        CustomParser = ValueParsers.Gateway,
    };

    public Option<DirectoryInfo> Ledger { get; } = new("--ledger")
    {
        Description = "The folder of the ledgers, the record of what was acknowledged.",
        HelpName = "folder",
        DefaultValueFactory = _ => new DirectoryInfo(RepositoryRoot.Ledgers),
    };

    public Option<int> Batch { get; } = new("--batch", "-b")
    {
        Description = "Events in one request.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.Batch,
        CustomParser = ValueParsers.Whole,
    };

    public Option<int> Concurrency { get; } = new("--concurrency", "-c")
    {
        Description = "Requests in flight at most; a source has one in flight at a time.",
        HelpName = "n",
        DefaultValueFactory = _ => Defaults.Concurrency,
        CustomParser = ValueParsers.Whole,
    };

    public Option<TimeSpan?> Timeout { get; } = new("--timeout")
    {
        Description = "Time for one request; after it the events are sent again with the same ids.",
        HelpName = "time",
        DefaultValueFactory = _ => Defaults.RequestTimeout,
        CustomParser = ValueParsers.Duration,
    };

    public Option<TimeSpan?> GiveUp { get; } = new("--give-up")
    {
        Description = "How long an event is sent again before its outcome is left unknown.",
        HelpName = "time",
        DefaultValueFactory = _ => Defaults.GiveUp,
        CustomParser = ValueParsers.Duration,
    };

    public IEnumerable<Option> Sending => [Gateway, Ledger, Batch, Concurrency, Timeout, GiveUp];

    public SendingOptions ReadSending(ParseResult parsed) => new()
    {
        Gateway = parsed.GetRequiredValue(Gateway),
        Batch = parsed.GetRequiredValue(Batch),
        Concurrency = parsed.GetRequiredValue(Concurrency),
        RequestTimeout = parsed.GetRequiredValue(Timeout)!.Value,
        GiveUp = parsed.GetRequiredValue(GiveUp)!.Value,
    };
}
