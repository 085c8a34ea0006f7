using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.Tests.Application;

/// <summary>A load through the gateway whose every acknowledgement is in a ledger, and is held against the store at the end.</summary>
internal sealed class AuditedLoad : IAsyncDisposable
{
    private readonly RunningApplication _application;
    private readonly string _folder;
    private readonly Ledger _ledger;
    private readonly LoadRun _load;

    private AuditedLoad(RunningApplication application, string folder, Ledger ledger, SyntheticTraffic load)
    {
        _application = application;
        _folder = folder;
        _ledger = ledger;
        _load = LoadRun.Start(load, ledger);
    }

    /// <summary>Ends when a load with an end of its own is acknowledged.</summary>
    public Task Completion => _load.Completion;

    /// <summary>Where the load stands.</summary>
    public LoadStatistics Statistics => _load.Statistics;

    /// <summary>Starts a load; it goes to the application's gateway, whatever the options say.</summary>
    public static async Task<AuditedLoad> StartAsync(RunningApplication application, SyntheticTraffic options)
    {
        var load = options with { Sending = options.Sending with { Gateway = application.Gateway.BaseAddress! } };
        var folder = Directory.CreateTempSubdirectory("log-partitioning-ledger-").FullName;
        var ledger = await Ledger.CreateAsync(folder, "tests", load.Sending.Gateway, DateTimeOffset.UtcNow, CancellationToken.None);
        return new AuditedLoad(application, folder, ledger, load);
    }

    /// <summary>Ends the load and judges every acknowledged event.</summary>
    /// <param name="patience">How long what is in flight may take to be acknowledged, and again how long until it is stored.</param>
    public async Task<AuditReport> AuditAsync(TimeSpan patience)
    {
        using (var deadline = new CancellationTokenSource(patience))
        {
            await _load.StopAsync(deadline.Token);
        }

        var ledger = await LedgerAsync();
        var kafka = KafkaAccess.OptionsOf(_application);
        var store = new PostgresStoredEvents(_application.Logs, kafka.Topic, kafka.Group, kafka.Partitions);
        return await new Audit(store).RunAsync([ledger], patience, CancellationToken.None);
    }

    /// <summary>What was acknowledged, as it was written down then; whole when the load has ended.</summary>
    public Task<LedgerContents> LedgerAsync() => LedgerReader.ReadAsync(_ledger.Path, CancellationToken.None);

    /// <summary>Asserts that an audit found none lost, none twice, none out of order, and none refused or given up.</summary>
    public void AssertPassed(AuditReport audit)
    {
        Assert.True(audit.Passed, string.Join('\n', audit.Examples.Select(e => $"{e.Kind}: {e.Description}")));
        Assert.True(audit.CaughtUp, "The store never passed every acknowledged offset.");
        Assert.True(audit.Unknown == 0, $"{audit.Unknown} events were given up: {Statistics.LastProblem}");
        Assert.True(Statistics.Rejected == 0, $"{Statistics.Rejected} events were rejected: {Statistics.LastProblem}");
        Assert.Equal(audit.Acknowledged, audit.Stored);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _ledger.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
