using System.Text;
using Confluent.Kafka;
using LogPartitioning.Core;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Requests;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Gateway.Audit;

/// <summary>
/// Compares real traffic with the store, all the time: of what the group went past since the last look, the newest records of each partition, as the brokers have them, are looked
/// up. Whatever is neither stored nor set aside is told at once.
/// </summary>
/// <remarks>It joins no group and moves nothing. What it holds is bounded by <see cref="AuditOptions.Records"/> and <see cref="MaxBytes"/>.</remarks>
internal sealed partial class TrafficAuditor(
    NpgsqlDataSource database,
    KafkaClients clients,
    IAdminClient admin,
    BrokerCapabilities brokers,
    DeadLetterReader letters,
    IOptions<KafkaOptions> kafka,
    StoreOptions store,
    AuditOptions options,
    AuditSums sums,
    AuditMetrics metrics,
    TimeProvider time,
    ILogger<TrafficAuditor> logger) : BackgroundService
{
    /// <summary>The most bytes of records that a check of one partition holds.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const string ClientId = "gateway-audit";
    private const int MaxTold = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_leastAge = TimeSpan.FromMinutes(1);

    private readonly TopicBoundsReader _bounds = new(clients.Configure<ClientConfig>(ClientId));
    private readonly RecordReaders _readers = new(clients.Configure<ClientConfig>(ClientId), clients: 1, waiting: 1, s_patience, TimeSpan.FromMinutes(2), time);
    private readonly SteadyLoop _loop = new("Auditing what is stored", time, logger);
    private readonly Dictionary<int, (short Log, long Next)> _checked = [];
    private volatile AuditCheck? _last;
    private volatile string? _failure;
    private volatile IReadOnlyList<MissingRecord> _missing = [];

    /// <summary>The last check; null before the first.</summary>
    public AuditCheck? Last => _last;

    /// <summary>Why <see cref="Last"/> is not a recent one; null where it is.</summary>
    public string? Problem => options.Interval == TimeSpan.Zero ? "The audit is switched off (Audit:Interval)."
        : _failure ?? (_last is not { } last ? "No check has been made yet."
            : time.GetUtcNow() - last.At > OldestCurrent ? "The last check is older than it should be." : null);

    /// <summary>Places of what was found missing, the newest first.</summary>
    public IReadOnlyList<MissingRecord> Missing => _missing;

    private TimeSpan OldestCurrent => options.Interval * 3 > s_leastAge ? options.Interval * 3 : s_leastAge;

    public override void Dispose()
    {
        _readers.Dispose();
        _bounds.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Interval == TimeSpan.Zero ? Task.CompletedTask : _loop.EveryAsync(options.Interval, CheckAsync, stoppingToken);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            _last = await CheckOnceAsync(cancellationToken);
            _failure = null;
        }
        catch (Exception e) when (e is KafkaException or TimeoutException or BusyException)
        {
            _failure = e is KafkaException ? "The brokers do not answer." : "The brokers did not give the records or the dead letters in time.";
        }
        catch (NpgsqlException)
        {
            _failure = "The log store does not answer.";
        }
    }

    private async Task<AuditCheck> CheckOnceAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var topic = kafka.Value.Topic;
        // In this order: what is stored was in the log before, so that one that ends before the position is another log.
        var positions = await StoredPositions.ReadAsync(database, kafka.Value.Group, topic, cancellationToken);
        var held = await _bounds.ReadAsync(topic, cancellationToken);
        var topicId = await TopicId.ReadAsync(admin, topic, brokers, s_patience, cancellationToken);
        var (passed, looked, unread) = (0L, 0, new List<int>());
        foreach (var (partition, position) in positions.OrderBy(position => position.Key))
        {
            if (!held.TryGetValue(partition, out var bounds) || !IsOf(position, bounds, topicId))
            {
                unread.Add(partition);
                continue;
            }

            var range = Unchecked(partition, position, bounds);
            if (range.Length > 0)
            {
                var records = await ReadAsync(range with { From = Math.Max(range.From, range.To - options.Records) }, position.Log, cancellationToken);
                await JudgeAsync(records, position.TopicId, cancellationToken);
                Tell(records);
                passed += range.Length;
                looked += records.Count;
            }

            _checked[partition] = (position.Log, range.To);
        }

        return new(time.GetUtcNow(), Math.Round(time.GetElapsedTime(began).TotalMilliseconds), passed, looked, unread);
    }

    /// <summary>Whether the position is one of the log that the brokers hold.</summary>
    private static bool IsOf(StoredPosition position, PartitionBounds bounds, string? topicId) =>
        position.Halt?.Cause is not (HaltCause.LogReplaced or HaltCause.LogTruncated)
        && bounds.High >= position.NextOffset
        && (position.TopicId is null || topicId is null || position.TopicId == topicId);

    /// <summary>What the group went past since the last look; where it went back, or has another log, the newest of all.</summary>
    private OffsetRange Unchecked(int partition, StoredPosition position, PartitionBounds bounds)
    {
        var from = _checked.TryGetValue(partition, out var before) && before.Log == position.Log && before.Next <= position.NextOffset
            ? before.Next
            : position.NextOffset - options.Records;
        return new(partition, Math.Min(Math.Max(from, bounds.Low), position.NextOffset), position.NextOffset);
    }

    private async Task<List<AuditedRecord>> ReadAsync(OffsetRange range, short log, CancellationToken cancellationToken) => await _readers.ReadAsync(
        client => Task.Run(
            () =>
            {
                var records = new List<AuditedRecord>();
                var bytes = 0L;
                var began = time.GetTimestamp();
                client.Start(kafka.Value.Topic, [range]);
                while (!client.Completed && bytes < MaxBytes)
                {
                    if (time.GetElapsedTime(began) > s_patience)
                    {
                        throw new TimeoutException("The brokers did not give the records in time.");
                    }

                    foreach (var record in client.Read(500, MaxBytes - bytes, TimeSpan.FromMilliseconds(500), cancellationToken))
                    {
                        bytes += record.Message.Value?.Length ?? 0;
                        // What is no event is a dead letter, and another view's.
                        if (record.Message is { Key: { } key, Value: { } value, Timestamp: var appended } && LogEventJson.TryParseRecord(value, out var logEvent, out _))
                        {
                            records.Add(new(logEvent, Encoding.UTF8.GetString(key), record.Partition.Value, log, record.Offset.Value)
                            {
                                AppendedAt = appended.Type == TimestampType.NotAvailable ? null : appended.UtcDateTime,
                                HasSentTimestamp = SentTimestamp.IsIn(record.Message.Headers),
                            });
                        }
                    }
                }

                return records;
            },
            cancellationToken),
        cancellationToken);

    private async Task JudgeAsync(List<AuditedRecord> records, string? topicId, CancellationToken cancellationToken)
    {
        await StoredRecordLookup.JudgeAsync(database, kafka.Value.Group, kafka.Value.Topic, records, cancellationToken);
        KeptTime.MarkExpired(records, store, time.GetUtcNow());
        // An event can be set aside though it is one: its key is another source's, its id another event's, or the store refuses it.
        var missing = records.Where(record => record.Outcome == AuditOutcome.Missing).ToDictionary(record => new DeadLetterOrigin(kafka.Value.Topic, record.Partition, record.Offset, topicId ?? ""));
        // A letter comes after its record.
        DateTimeOffset? since = missing.Values.All(record => record.AppendedAt is not null) ? missing.Values.Min(record => record.AppendedAt) - KeptTime.ClockMargin : null;
        foreach (var origin in (await letters.FindAsync(missing.Keys, since, cancellationToken)).Keys)
        {
            missing[origin].Outcome = AuditOutcome.DeadLetter;
        }
    }

    private void Tell(List<AuditedRecord> records)
    {
        var violations = KeyOrder.Violations(records);
        sums.Add(records, violations);
        metrics.Looked(records, violations);
        var missing = records.Where(record => record.Outcome == AuditOutcome.Missing).OrderByDescending(record => record.Offset).ToList();
        foreach (var record in missing)
        {
            LogMissing(logger, record.Partition, record.Offset, record.Log, record.Event.Id);
        }

        foreach (var (source, count) in violations)
        {
            LogOutOfOrder(logger, count, source);
        }

        _missing = [.. missing.Select(record => new MissingRecord(time.GetUtcNow(), record.Partition, record.Log, record.Offset, record.Event.Id)).Concat(_missing).Take(MaxTold)];
    }

    [LoggerMessage(4060, LogLevel.Error, "An acknowledged record is not in the store, and no dead letter: partition {Partition}, offset {Offset}, log {Log}, event {Event}")]
    private static partial void LogMissing(ILogger logger, int partition, long offset, short log, Guid @event);

    [LoggerMessage(4061, LogLevel.Error, "{Count} records of {Source} were stored before one that stands before them under their key")]
    private static partial void LogOutOfOrder(ILogger logger, int count, string source);
}

/// <summary>A look at what was stored.</summary>
/// <param name="At">When it ended.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Passed">How many offsets the group had gone past since the look before.</param>
/// <param name="Looked">How many records of these were compared.</param>
/// <param name="Unread">Partitions that were left out: the position there is not one of the log that the brokers hold now.</param>
internal sealed record AuditCheck(DateTimeOffset At, double DurationMs, long Passed, int Looked, IReadOnlyList<int> Unread);

/// <summary>A record that was acknowledged and is in the store nowhere.</summary>
/// <param name="At">When that was found.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Log">Which of the partition's logs.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Id">Its event's id.</param>
internal sealed record MissingRecord(DateTimeOffset At, int Partition, short Log, long Offset, Guid Id);
