using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using Npgsql;
using Xunit.Abstractions;

namespace LogPartitioning.Tests.Faults;

/// <summary>
/// One scenario: a steady load of acknowledged events, faults while it runs, and at the end the audit of every
/// acknowledged event, the comparison of offsets and a row of the report.
/// </summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const int Sources = 48;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly ITestOutputHelper _output;
    private readonly int _number;
    private readonly string _scenario;
    private readonly AuditedLoad _load;
    private readonly List<FaultWindow> _faults = [];
    private readonly List<string> _notes = [];

    private FaultRun(RunningApplication application, int number, string scenario, string prefix, AuditedLoad load, ITestOutputHelper output)
    {
        Application = application;
        _number = number;
        _scenario = scenario;
        Prefix = prefix;
        _load = load;
        _output = output;
        Offsets = new OffsetWatch(application);
    }

    public RunningApplication Application { get; }

    public OffsetWatch Offsets { get; }

    /// <summary>What the names of the load's sources begin with.</summary>
    public string Prefix { get; }

    /// <summary>Where the load stands.</summary>
    public LoadStatistics Load => _load.Statistics;

    /// <summary>
    /// Starts what an earlier scenario may have left down, and then the load, and waits until it flows through every partition.
    /// </summary>
    public static async Task<FaultRun> StartAsync(
        RunningApplication application,
        int number,
        string scenario,
        ITestOutputHelper output,
        Func<DateTimeOffset, long, DateTimeOffset>? timestamp = null)
    {
        await application.StartAllAsync(Patience);
        var kafka = KafkaAccess.OptionsOf(application);
        var instances = application.Consumers.Count;
        await GroupAssignment.SeesSpreadAsync(application, string.Join('+', Enumerable.Repeat(kafka.Partitions / instances, instances)));
        var prefix = NewPrefix(number, kafka.Partitions);
        var load = await AuditedLoad.StartAsync(application, new SyntheticTraffic
        {
            Events = null,
            Sources = Sources,
            SourcePrefix = prefix,
            Rate = 240,
            Timestamp = timestamp,
            Sending = new SendingOptions
            {
                Batch = 10,
                Concurrency = 24,
                RequestTimeout = TimeSpan.FromSeconds(20),
                GiveUp = TimeSpan.FromMinutes(10),
            },
        });
        FaultRun? run = null;
        try
        {
            run = new FaultRun(application, number, scenario, prefix, load, output);
            await run.FlowsAsync(500);
            Assert.Equal(kafka.Partitions, run.Load.ByPartition.Count);
            return run;
        }
        catch
        {
            await (run?.DisposeAsync() ?? load.DisposeAsync());
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

    /// <summary>Waits until nothing more is acknowledged.</summary>
    /// <returns>How many events had been by then.</returns>
    public async Task<long> StandsStillAsync()
    {
        var (count, since) = (-1L, 0L);
        return await Eventually.SeesAsync(
            "a second without an acknowledged event",
            _ =>
            {
                var now = Load.Acknowledged;
                if (now != count)
                {
                    (count, since) = (now, Stopwatch.GetTimestamp());
                }

                return Task.FromResult(count);
            },
            _ => Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(1),
            Patience);
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
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Prefix });
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

    /// <summary>Ends the load and judges every acknowledged event.</summary>
    /// <returns>The report's row.</returns>
    public async Task<FaultRow> FinishAsync()
    {
        await FlowsAsync(200);
        var audit = await _load.AuditAsync(Patience);
        var anomalies = Anomalies.Of((await _load.LedgerAsync()).Entries, await StoredRow.ReadAsync(Application.Logs, Prefix, CancellationToken.None));
        var pauses = await StoredPauses.ReadAsync(Application.Logs, Prefix, CancellationToken.None);
        var recoveries = _faults
            .Select((fault, i) => fault.Recovery(
                pauses, FaultApplication.SessionTimeout, i + 1 < _faults.Count ? _faults[i + 1].From : DateTimeOffset.MaxValue))
            .OfType<TimeSpan>()
            .ToList();
        var row = new FaultRow(
            _number, _scenario, audit.Acknowledged, audit.Stored, anomalies, audit.OutOfOrder,
            pauses.Count == 0 ? null : pauses.Max(p => p.Length),
            recoveries.Count == 0 ? null : recoveries.Max(),
            string.Join("; ", _notes));
        _output.WriteLine(FaultReport.Line(row));

        _load.AssertPassed(audit);
        Assert.True(anomalies.None, anomalies.ToString());
        await AgreesAsync();
        await Offsets.AgreeAsync(Patience);
        Assert.True(Offsets.Readings > 0, $"Kafka and PostgreSQL were never compared: {Offsets.LastProblem}");
        Assert.True(Offsets.Ahead.Count == 0, $"Committed to Kafka and not stored: {string.Join("; ", Offsets.Ahead.Take(10))}");
        return row;
    }

    /// <summary>The application's own audit found the same: it looked at what was sent, and calls none of it missing or out of order.</summary>
    private async Task AgreesAsync()
    {
        var since = DateTimeOffset.UtcNow;
        var own = await Eventually.SeesAsync(
            "a whole look of the application's own audit",
            async token => await Application.Gateway.GetFromJsonAsync<JsonElement>("/api/audit", token),
            seen => seen.GetProperty("problem").ValueKind == JsonValueKind.Null
                && seen.GetProperty("last").GetProperty("at").GetDateTimeOffset() > since
                && seen.GetProperty("last").GetProperty("unread").GetArrayLength() == 0,
            Patience);
        var total = own.GetProperty("total");
        Assert.True(total.GetProperty("stored").GetInt64() > 0, $"The application's own audit looked at nothing: {total}");
        Assert.True(
            total.GetProperty("missing").GetInt64() == 0 && total.GetProperty("outOfOrder").GetInt64() == 0,
            $"The application's own audit: {total}, missing {own.GetProperty("missing")}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _load.DisposeAsync();
        }
        finally
        {
            await Offsets.DisposeAsync();
        }
    }

    /// <summary>Unlike any earlier run's, so that each finds its own events again; and such that the sources reach every partition.</summary>
    private static string NewPrefix(int number, int partitions)
    {
        while (true)
        {
            var prefix = string.Create(CultureInfo.InvariantCulture, $"fault-{number}-{Guid.NewGuid().ToString("N")[..8]}");
            var reached = Enumerable.Range(1, Sources).Select(i => KeyPartitioner.PartitionOf($"{prefix}-{i}", partitions)).Distinct();
            if (reached.Count() == partitions)
            {
                return prefix;
            }
        }
    }
}
