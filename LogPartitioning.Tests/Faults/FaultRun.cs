using System.Globalization;
using LogPartitioning.LoadTest.Auditing;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.Tests.Integration;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>
/// One scenario: a steady load of acknowledged events, faults while it runs, and at the end the audit of every
/// acknowledged event, the comparison of offsets and a row of the report.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    /// <summary>Shorter gaps between two batches are the load's own rhythm on a busy machine, not a pause.</summary>
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ITestOutputHelper _output;
    private readonly int _number;
    private readonly string _scenario;
    private readonly string _prefix;
    private readonly string _folder;
    private readonly Ledger _ledger;
    private readonly LoadGenerator _load;
    private readonly List<FaultWindow> _faults = [];
    private readonly List<string> _notes = [];

    private FaultRun(RunningApplication application, int number, string scenario, string prefix, string folder, Ledger ledger, LoadOptions load, ITestOutputHelper output)
    {
        Application = application;
        _number = number;
        _scenario = scenario;
        _prefix = prefix;
        _folder = folder;
        _ledger = ledger;
        _load = new LoadGenerator(load, ledger);
        _output = output;
        Offsets = new OffsetWatch(application);
    }

    public RunningApplication Application { get; }

    public OffsetWatch Offsets { get; }

    /// <summary>Where the load stands.</summary>
    public LoadStatistics Load => _load.Statistics;

    /// <summary>Starts the load and waits until it flows through every partition.</summary>
    public static async Task<FaultRun> StartAsync(
        RunningApplication application,
        int number,
        string scenario,
        ITestOutputHelper output,
        Func<DateTimeOffset, long, DateTimeOffset>? timestamp = null)
    {
        // Unlike any earlier run's, so that each finds its own events again.
        var prefix = string.Create(CultureInfo.InvariantCulture, $"fault-{number}-{Guid.NewGuid().ToString("N")[..8]}");
        var folder = Directory.CreateTempSubdirectory("log-partitioning-ledger-").FullName;
        var load = new LoadOptions
        {
            Events = null,
            Sources = 48,
            SourcePrefix = prefix,
            Rate = 240,
            Timestamp = timestamp,
            Sending = new SendingOptions
            {
                Gateway = application.Gateway.BaseAddress!,
                Batch = 10,
                Concurrency = 24,
                RequestTimeout = TimeSpan.FromSeconds(20),
                GiveUp = TimeSpan.FromMinutes(10),
            },
        };
        var ledger = await Ledger.CreateAsync(folder, "faults", load.Sending.Gateway, DateTimeOffset.UtcNow, CancellationToken.None);
        var run = new FaultRun(application, number, scenario, prefix, folder, ledger, load, output);
        try
        {
            run._load.Start();
            await run.FlowsAsync(500);
            return run;
        }
        catch
        {
            await run.DisposeAsync();
            throw;
        }
    }

    /// <summary>A fault begins now.</summary>
    public FaultWindow Fault()
    {
        var window = new FaultWindow(DateTimeOffset.UtcNow);
        _faults.Add(window);
        return window;
    }

    /// <summary>Something measured, for the report.</summary>
    public void Note(FormattableString note)
    {
        var text = note.ToString(CultureInfo.InvariantCulture);
        _notes.Add(text);
        _output.WriteLine(text);
    }

    /// <summary>Waits until <paramref name="more"/> further events are acknowledged, and events acknowledged after now are stored in every partition of the load.</summary>
    public async Task FlowsAsync(int more = 100)
    {
        var since = DateTimeOffset.UtcNow;
        var enough = Load.Acknowledged + more;
        await Eventually.SeesAsync(
            $"{more} more events acknowledged",
            _ => Task.FromResult(Load),
            load => load.Acknowledged >= enough,
            Patience);
        await StoresAgainAsync(since);
    }

    /// <summary>Waits until every partition that the load reaches has stored something after <paramref name="since"/>.</summary>
    public async Task StoresAgainAsync(DateTimeOffset since) => await Eventually.SeesAsync(
        $"every partition stored to after {since:HH:mm:ss.fff}",
        async token =>
        {
            var still = new HashSet<int>(Load.ByPartition.Keys);
            try
            {
                await using var command = Application.Logs.CreateCommand(
                    "SELECT partition FROM log_events WHERE starts_with(source, $1) AND stored_at > $2 GROUP BY partition");
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _prefix });
                command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = since.ToUniversalTime() });
                await using var reader = await command.ExecuteReaderAsync(token);
                while (await reader.ReadAsync(token))
                {
                    still.Remove(reader.GetInt32(0));
                }
            }
            catch (NpgsqlException error)
            {
                return error.Message;
            }

            return still.Count == 0 ? "" : $"nothing in {string.Join(", ", still.Order())}; load: {Load.Acknowledged} acknowledged, last problem {Load.LastProblem}";
        },
        missing => missing.Length == 0,
        Patience);

    /// <summary>Lets the fault last, while <paramref name="look"/> keeps an eye on what must hold meanwhile.</summary>
    public static async Task LastsAsync(TimeSpan duration, Func<CancellationToken, Task>? look = null)
    {
        // The length of a fault is part of the scenario, not a wait for something to happen.
        using var over = new CancellationTokenSource(duration);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await tick.WaitForNextTickAsync(over.Token))
            {
                await (look?.Invoke(over.Token) ?? Task.CompletedTask);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // It has lasted.
        }
    }

    /// <summary>Ends the load, judges every acknowledged event, and writes the report's row.</summary>
    public async Task<FaultRow> FinishAsync()
    {
        await FlowsAsync(200);
        using (var patience = new CancellationTokenSource(Patience))
        {
            await _load.StopAsync(patience.Token);
        }

        var ledger = await LedgerReader.ReadAsync(_ledger.Path, CancellationToken.None);
        var kafka = FaultApplication.KafkaOf(Application);
        var store = new PostgresStoredEvents(Application.Logs, kafka.Topic, kafka.Group, kafka.Partitions);
        var audit = await new Audit(store).RunAsync([ledger], Patience, progress: null, CancellationToken.None);
        await Offsets.AgreeAsync(Patience);

        var pauses = await StoredPauses.ReadAsync(Application.Logs, _prefix, ShortestPause, CancellationToken.None);
        var recoveries = _faults.Select(f => f.Recovery(pauses, FaultApplication.SessionTimeout)).OfType<TimeSpan>().ToList();
        var row = new FaultRow(
            _number, _scenario, audit.Acknowledged, audit.Stored, audit.Lost, audit.Duplicated, audit.OutOfOrder,
            pauses.Count == 0 ? TimeSpan.Zero : pauses.Max(p => p.Length),
            recoveries.Count == 0 ? null : recoveries.Max(),
            string.Join("; ", _notes));
        _output.WriteLine(FaultReport.Add(row));

        Assert.True(audit.Passed, string.Join('\n', audit.Examples.Select(e => $"{e.Kind}: {e.Description}")));
        Assert.True(audit.CaughtUp, "The store never passed every acknowledged offset.");
        Assert.True(audit.Unknown == 0, $"{audit.Unknown} events were given up: {Load.LastProblem}");
        Assert.True(Load.Rejected == 0, $"{Load.Rejected} events were rejected: {Load.LastProblem}");
        Assert.Equal(audit.Acknowledged, audit.Stored);
        Assert.True(Offsets.Readings > 0, "Kafka and PostgreSQL were never compared.");
        Assert.True(Offsets.Ahead.Count == 0, $"Committed to Kafka and not stored: {string.Join("; ", Offsets.Ahead.Take(10))}");
        return row;
    }

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _ledger.DisposeAsync();
        await Offsets.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
