using System.Text;
using System.Threading.Channels;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Requests;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Tail;

/// <summary>
/// Events as they come, for whoever looks. Once a second the newest records of each partition are read from the brokers, once for all viewers: so the work is the same
/// whatever comes, and how many were left out is known to the record.
/// </summary>
/// <remarks>It joins no group and moves nothing. Where nobody looks, nothing is read.</remarks>
internal sealed partial class LogTail(
    KafkaClients clients, HistoryClients history, IOptions<KafkaOptions> kafka, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<LogTail> logger) : IDisposable
{
    /// <summary>How many may look at once.</summary>
    public const int MostViewers = 50;

    /// <summary>Of each partition so many of the newest records are read each time.</summary>
    public const int NewestOfPartition = 50;

    private const int MaxBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly RecordReaders _readers = new(clients.Configure<ClientConfig>("gateway-tail"), clients: 1, waiting: 1, s_patience, TimeSpan.FromMinutes(1), time);
    private readonly Lock _lock = new();
    private readonly List<Channel<TailBatch>> _viewers = [];
    private bool _runs;

    /// <summary>A viewer's batches, until it is disposed; a slow one misses the oldest.</summary>
    /// <exception cref="BusyException">As many look as may.</exception>
    public Viewer Look()
    {
        var channel = Channel.CreateBounded<TailBatch>(new BoundedChannelOptions(4) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            if (_viewers.Count >= MostViewers)
            {
                throw new BusyException("As many look at events as they come as may.");
            }

            _viewers.Add(channel);
            if (!_runs)
            {
                _runs = true;
                _ = Task.Run(() => RunAsync(lifetime.ApplicationStopping));
            }
        }

        return new(this, channel);
    }

    public void Dispose() => _readers.Dispose();

    private async Task RunAsync(CancellationToken stopping)
    {
        Dictionary<int, long>? seen = null;
        var since = time.GetTimestamp();
        using var timer = new PeriodicTimer(s_interval, time);
        try
        {
            while (IsWanted())
            {
                try
                {
                    var bounds = await history.Bounds.ReadAsync(kafka.Value.Topic, stopping);
                    var seconds = time.GetElapsedTime(since).TotalSeconds;
                    since = time.GetTimestamp();
                    if (seen is not null)
                    {
                        Publish(await ReadAsync(seen, bounds, seconds, stopping));
                    }

                    seen = bounds.ToDictionary(bound => bound.Key, bound => bound.Value.High);
                }
                catch (Exception e) when (e is KafkaException or TimeoutException or BusyException)
                {
                    LogNotRead(logger, e.Message);
                    seen = null;
                    Publish(new([], 0, 0, "The brokers do not answer."));
                }

                await timer.WaitForNextTickAsync(stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway stops, and its viewers with it.
        }
    }

    /// <summary>Whether anybody looks. The last one to leave ends the loop, and the next one to come begins another.</summary>
    private bool IsWanted()
    {
        lock (_lock)
        {
            return _runs = _viewers.Count > 0;
        }
    }

    private async Task<TailBatch> ReadAsync(Dictionary<int, long> seen, IReadOnlyDictionary<int, PartitionBounds> bounds, double seconds, CancellationToken stopping)
    {
        var fresh = bounds
            .Select(bound => new OffsetRange(bound.Key, Math.Max(bound.Value.Low, seen.TryGetValue(bound.Key, out var end) && end <= bound.Value.High ? end : bound.Value.Low), bound.Value.High))
            .Where(range => range.Length > 0)
            .ToList();
        var newest = fresh.Select(range => new OffsetRange(range.Partition, Math.Max(range.From, range.To - NewestOfPartition), range.To)).ToList();
        var records = newest.Count == 0 ? [] : await _readers.ReadAsync(client => Task.Run(() => Read(client, newest, stopping), stopping), stopping);
        return new([.. records.Select(Parse).OfType<TailEvent>()], fresh.Sum(range => range.Length), seconds);
    }

    private List<ConsumeResult<byte[]?, byte[]?>> Read(RecordRangeReader client, List<OffsetRange> ranges, CancellationToken stopping)
    {
        var records = new List<ConsumeResult<byte[]?, byte[]?>>();
        var bytes = 0L;
        var began = time.GetTimestamp();
        client.Start(kafka.Value.Topic, ranges);
        while (!client.Completed && bytes < MaxBytes && time.GetElapsedTime(began) < s_patience)
        {
            foreach (var record in client.Read(500, MaxBytes - bytes, TimeSpan.FromMilliseconds(500), stopping))
            {
                bytes += record.Message.Value?.Length ?? 0;
                records.Add(record);
            }
        }

        return records;
    }

    /// <summary>The event of a record; null where it is none, which is for the dead letters to tell.</summary>
    private TailEvent? Parse(ConsumeResult<byte[]?, byte[]?> record) =>
        record.Message is { Key: { } key, Value: { } value } && LogEventJson.TryParseRecord(value, out var logEvent, out _)
            ? new(logEvent, Encoding.UTF8.GetString(key), record.Partition.Value, record.Offset.Value)
            : null;

    private void Publish(TailBatch batch)
    {
        lock (_lock)
        {
            foreach (var viewer in _viewers)
            {
                viewer.Writer.TryWrite(batch);
            }
        }
    }

    private void Leave(Channel<TailBatch> viewer)
    {
        lock (_lock)
        {
            _viewers.Remove(viewer);
        }
    }

    [LoggerMessage(4050, LogLevel.Warning, "Events cannot be shown as they come: {Problem}")]
    private static partial void LogNotRead(ILogger logger, string problem);

    /// <summary>Somebody who looks.</summary>
    internal sealed class Viewer(LogTail tail, Channel<TailBatch> batches) : IDisposable
    {
        public IAsyncEnumerable<TailBatch> ReadAllAsync(CancellationToken cancellationToken) => batches.Reader.ReadAllAsync(cancellationToken);

        public void Dispose() => tail.Leave(batches);
    }
}
