using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>
/// Sends traffic. Each source has one request in flight, so the client's order is defined; events whose outcome is
/// unknown (no answer, 5xx, a cut connection) are sent again with the same ids until they are acknowledged or given
/// up. Whatever counts as acknowledged is in the ledger.
/// </summary>
internal sealed class LoadRun : IAsyncDisposable
{
    private readonly LoadCounters _counters;
    private readonly HttpClient _http;
    private readonly LaneSender _sender;
    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _abandon = new();

    private LoadRun(ITraffic traffic, Ledger ledger, TimeProvider time, HttpMessageHandler? handler)
    {
        _counters = new LoadCounters(time);
        _http = GatewayHttp.Create(traffic.Sending.Gateway, handler);
        _sender = new LaneSender(
            new LogsClient(_http, traffic.Sending.RequestTimeout, time), ledger, _counters, traffic.Sending, time);
        _stop = new CancellationTokenSource(traffic.Duration ?? Timeout.InfiniteTimeSpan, time);
        Completion = RunAsync(traffic.Lanes(time), traffic.Sending.Concurrency);
    }

    /// <summary>
    /// Ends when the last event is acknowledged, rejected or given up. Fails where the ledger cannot be written or a
    /// lane not be read.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Where the run stands.</summary>
    public LoadStatistics Statistics => _counters.Snapshot();

    /// <summary>Starts a run.</summary>
    /// <param name="traffic">What to send; its settings are valid.</param>
    /// <param name="ledger">Where acknowledgements go; stays the caller's to dispose, after the run.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed.</param>
    public static LoadRun Start(ITraffic traffic, Ledger ledger, TimeProvider? time = null, HttpMessageHandler? handler = null) =>
        new(traffic, ledger, time ?? TimeProvider.System, handler);

    /// <summary>No new events from here on; those in flight are brought to an end.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary><see cref="Stop"/>, and waits for the end.</summary>
    /// <param name="cancellationToken">Ends the waiting: what is in flight then becomes unknown.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        await using var registration = cancellationToken.UnsafeRegister(static abandon => ((CancellationTokenSource)abandon!).Cancel(), _abandon);
        await Completion;
    }

    /// <summary>Ends the run at once; what is in flight becomes unknown.</summary>
    public async ValueTask DisposeAsync()
    {
        Stop();
        await _abandon.CancelAsync();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync(IEnumerable<IEventLane> lanes, int concurrency)
    {
        // Without the stop token: a lane that was stopped still brings its last request to an end.
        var sideBySide = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = CancellationToken.None };
        try
        {
            await Parallel.ForEachAsync(lanes, sideBySide, async (lane, _) =>
            {
                using var open = lane;
                try
                {
                    await _sender.RunAsync(lane, _stop.Token, _abandon.Token);
                }
                catch
                {
                    // A ledger that cannot be written, a file that cannot be read: no lane can go on unaudited.
                    Stop();
                    throw;
                }
            });
        }
        finally
        {
            _counters.End();
        }
    }
}
