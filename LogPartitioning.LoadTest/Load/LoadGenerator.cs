using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Load;

/// <summary>
/// A steady load of acknowledged events. Each source has one request in flight, so the client's order is defined;
/// events whose outcome is unknown (no answer, 5xx, a cut connection) are sent again with the same ids until they are
/// acknowledged or given up. Whatever counts as acknowledged is in the ledger.
/// </summary>
public sealed class LoadGenerator : IAsyncDisposable
{
    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly LoadCounters _counters;
    private readonly HttpClient _http;
    private readonly LaneSender _sender;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private Task? _running;

    /// <summary>Prepares a load; <see cref="Start"/> starts it.</summary>
    /// <param name="options">The load.</param>
    /// <param name="ledger">Where acknowledgements go; stays the caller's to dispose, after the generator.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message names every problem.</exception>
    public LoadGenerator(LoadOptions options, Ledger ledger, TimeProvider? time = null, HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(ledger);
        var problems = options.Problems().ToArray();
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(options));
        }

        _options = options;
        _time = time ?? TimeProvider.System;
        _counters = new LoadCounters(_time);
        _http = GatewayHttp.Create(options.Sending.Gateway, handler);
        var client = new LogsClient(_http, options.Sending.RequestTimeout, _time);
        _sender = new LaneSender(client, ledger, _counters, options.Sending, _time);
    }

    /// <summary>Ends when the last event is acknowledged, rejected or given up. Fails where the ledger cannot be written.</summary>
    /// <exception cref="InvalidOperationException">The load was not started.</exception>
    public Task Completion => _running ?? throw new InvalidOperationException("The load was not started.");

    /// <summary>Where the load stands.</summary>
    public LoadStatistics Statistics => _counters.Snapshot();

    /// <summary>Starts the load.</summary>
    /// <exception cref="InvalidOperationException">The load was started before.</exception>
    public void Start()
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("The load was started before.");
        }

        _counters.Start();
        var sources = LoadPlan.Sources(_options);
        var lanes = LoadPlan.Lanes(sources, _options.Sending.Concurrency, _options.HotShare > 0)
            .Select(lane => new SyntheticLane(_options, lane, _time))
            .ToArray();
        _running = RunAsync(lanes);
    }

    /// <summary>
    /// Ends the load: no new events, and those in flight are brought to an end (sent again until acknowledged or given up).
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting: what is in flight then becomes unknown.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_running is null)
        {
            return;
        }

        var registration = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _abandon);
        await using (registration.ConfigureAwait(false))
        {
            await _running.ConfigureAwait(false);
        }
    }

    /// <summary>Ends the load at once; what is in flight becomes unknown.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _abandon.CancelAsync().ConfigureAwait(false);
        if (_running is not null)
        {
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _http.Dispose();
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync(SyntheticLane[] lanes)
    {
        using var duration = _options.Duration is { } limit ? new CancellationTokenSource(limit, _time) : new CancellationTokenSource();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, duration.Token);
        try
        {
            await LaneRun.RunAsync(_sender, lanes, lanes.Length, stop, _abandon).ConfigureAwait(false);
        }
        finally
        {
            _counters.End();
        }
    }
}
