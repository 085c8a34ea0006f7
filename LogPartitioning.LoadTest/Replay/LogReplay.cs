using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Replay;

/// <summary>
/// Sends log files, each as one source with one request in flight, so that the file's order is the source's order.
/// </summary>
public sealed class LogReplay : IDisposable
{
    private readonly ReplayOptions _options;
    private readonly TimeProvider _time;
    private readonly LoadCounters _counters;
    private readonly HttpClient _http;
    private readonly LaneSender _sender;
    private readonly UnsentLines _unsent = new();
    private readonly long _bytes;
    private long _bytesRead;

    /// <summary>Prepares a replay.</summary>
    /// <param name="options">The files and how to send them.</param>
    /// <param name="ledger">Where acknowledgements go; stays the caller's to dispose.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="handler">Carries the requests; a pooled one when null. Not disposed.</param>
    /// <exception cref="ArgumentException">The options are invalid; the message names every problem.</exception>
    public LogReplay(ReplayOptions options, Ledger ledger, TimeProvider? time = null, HttpMessageHandler? handler = null)
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
        _bytes = options.Files.Sum(file => new FileInfo(file).Length);
        _counters = new LoadCounters(_time);
        _http = GatewayHttp.Create(options.Sending.Gateway, handler);
        _sender = new LaneSender(
            new LogsClient(_http, options.Sending.RequestTimeout, _time), ledger, _counters, options.Sending, _time);
    }

    /// <summary>Where the replay stands.</summary>
    public LoadStatistics Statistics => _counters.Snapshot();

    /// <summary>Share of the files' bytes that was read, 0 to 1.</summary>
    public double Fraction => _bytes == 0 ? 1 : Math.Min(1, (double)Interlocked.Read(ref _bytesRead) / _bytes);

    /// <summary>Lines that cannot be an event.</summary>
    public long Unsent => _unsent.Count;

    /// <summary>The first of them, each with its file, number and reason.</summary>
    public IReadOnlyList<string> UnsentExamples => _unsent.Examples;

    /// <summary>Sends every file to its end.</summary>
    /// <param name="stop">Ends the reading of new lines; requests in flight are brought to an end.</param>
    /// <exception cref="IOException">A file cannot be read, or the ledger not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var abandon = new CancellationTokenSource();
        _counters.Start();
        try
        {
            await LaneRun.RunAsync(_sender, Lanes(), _options.Sending.Concurrency, stopping, abandon).ConfigureAwait(false);
        }
        finally
        {
            _counters.End();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Opened when its turn comes: a thousand files are not a thousand open files.</summary>
    private IEnumerable<IEventLane> Lanes()
    {
        var sideBySide = Math.Min(_options.Sending.Concurrency, _options.Files.Count);
        foreach (var file in _options.Files)
        {
            yield return new FileLane(
                file, _options.Rate / sideBySide, _options.ReplaceInvalid, _unsent,
                bytes => Interlocked.Add(ref _bytesRead, bytes), _time);
        }
    }
}
