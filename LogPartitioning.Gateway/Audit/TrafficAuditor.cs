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
    HistoryClients history,
    DeadLetterReader letters,
    IOptions<KafkaOptions> kafka,
    AuditOptions options,
    AuditSums sums,
    TimeProvider time,
    ILogger<TrafficAuditor> logger) : BackgroundService
{
    /// <summary>The most bytes of records that a check of one partition holds.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private const int MaxTold = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly RecordReaders _readers = new(clients.Configure<ClientConfig>("gateway-audit"), clients: 1, waiting: 1, s_patience, TimeSpan.FromMinutes(2), time);
    private readonly SteadyLoop _loop = new("Auditing what is stored", time, logger);
    private readonly Dictionary<int, (short Log, long Next)> _checked = [];
    private volatile AuditCheck? _last;
    private volatile string? _problem = "No check has been made yet.";

    /// <summary>The last check; null before the first.</summary>
    public AuditCheck? Last => _last;

    /// <summary>Why <see cref="Last"/> is not a recent one; null where it is.</summary>
    public string? Problem => options.Interval == TimeSpan.Zero ? "The audit is switched off (Audit:Interval)." : _problem;

    /// <summary>Places of what was found missing, the newest first.</summary>
    public IReadOnlyList<MissingRecord> Missing { get; private set; } = [];

    public override void Dispose()
    {
        _readers.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.Interval == TimeSpan.Zero ? Task.CompletedTask : _loop.EveryAsync(options.Interval, CheckAsync, stoppingToken);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            _last = await CheckOnceAsync(cancellationToken);
            _problem = null;
        }
        catch (Exception e) when (e is KafkaException or TimeoutException or BusyException)
        {
            _problem = "The brokers do not answer.";
        }
        catch (NpgsqlException)
        {
            _problem = "The log store does not answer.";
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task<AuditCheck> CheckOnceAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var topic = kafka.Value.Topic;
        var held = await history.Bounds.ReadAsync(topic, cancellationToken);
        var positions = await StoredPositions.ReadAsync(database, kafka.Value.Group, topic, cancellationToken);
        var (passed, looked, missing) = (0L, 0, new List<AuditedRecord>());
        foreach (var (partition, position) in positions.Where(position => held.ContainsKey(position.Key)).OrderBy(position => position.Key))
        {
            var end = Math.Min(position.NextOffset, held[partition].High);
            // What another log has, or what an operator moved the group past, is not between two looks.
            var from = _checked.TryGetValue(partition, out var before) && before.Log == position.Log && before.Next <= end ? before.Next : end - options.Records;
            from = Math.Max(from, held[partition].Low);
            _checked[partition] = (position.Log, end);
            if (from >= end)
            {
                continue;
            }

            passed += end - from;
            var records = await ReadAsync(new(partition, Math.Max(from, end - options.Records), end), position.Log, cancellationToken);
            await StoredRecordLookup.JudgeAsync(database, records, cancellationToken);
            await ExcuseDeadLettersAsync(records, position.TopicId, cancellationToken);
            sums.Add(records, KeyOrder.Violations(records));
            looked += records.Count;
            missing.AddRange(records.Where(record => record.Outcome == AuditOutcome.Missing));
        }

        foreach (var record in missing)
        {
            LogMissing(logger, record.Partition, record.Offset, record.Log, record.Event.Id);
        }

        Missing = [.. missing.OrderByDescending(record => record.Offset).Select(record => new MissingRecord(time.GetUtcNow(), record.Partition, record.Log, record.Offset, record.Event.Id)).Concat(Missing).Take(MaxTold)];
        return new(time.GetUtcNow(), Math.Round(time.GetElapsedTime(began).TotalMilliseconds), passed, looked);
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
                        if (record.Message is { Key: { } key, Value: { } value } && LogEventJson.TryParseRecord(value, out var logEvent, out _))
                        {
                            records.Add(new(logEvent, Encoding.UTF8.GetString(key), record.Partition.Value, log, record.Offset.Value));
                        }
                    }
                }

                return records;
            },
            cancellationToken),
        cancellationToken);

    /// <summary>An event can be set aside though it is one: its key is another source's, its id another event's, or the store refuses it.</summary>
    private async Task ExcuseDeadLettersAsync(List<AuditedRecord> records, string? topicId, CancellationToken cancellationToken)
    {
        var missing = records.Where(record => record.Outcome == AuditOutcome.Missing).ToDictionary(record => new DeadLetterOrigin(kafka.Value.Topic, record.Partition, record.Offset, topicId ?? ""));
        if (missing.Count == 0)
        {
            return;
        }

        foreach (var origin in (await letters.FindAsync(missing.Keys, cancellationToken)).Keys)
        {
            missing[origin].Outcome = AuditOutcome.DeadLetter;
        }
    }

    [LoggerMessage(4060, LogLevel.Error, "An acknowledged record is not in the store, and no dead letter: partition {Partition}, offset {Offset}, log {Log}, event {Event}")]
    private static partial void LogMissing(ILogger logger, int partition, long offset, short log, Guid @event);
}

/// <summary>A look at what was stored.</summary>
/// <param name="At">When it ended.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Passed">How many records the group had gone past since the look before.</param>
/// <param name="Looked">How many of these were compared.</param>
internal sealed record AuditCheck(DateTimeOffset At, double DurationMs, long Passed, int Looked);

/// <summary>A record that was acknowledged and is in the store nowhere.</summary>
/// <param name="At">When that was found.</param>
/// <param name="Partition">Its partition.</param>
/// <param name="Log">Which of the partition's logs.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Id">Its event's id.</param>
internal sealed record MissingRecord(DateTimeOffset At, int Partition, short Log, long Offset, Guid Id);
