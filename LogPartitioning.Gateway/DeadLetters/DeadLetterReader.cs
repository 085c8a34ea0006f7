using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Reads the dead letter topic: by page, or for given origins. It is a member of no group and moves nothing.</summary>
internal sealed class DeadLetterReader
{
    /// <summary>The most dead letters that a page holds.</summary>
    public const int MaxPageSize = 200;

    // A page holds at most this much of each partition and the record that crosses it, so that a page of large records
    // is short rather than large.
    private const long MaxBytesPerPartition = 2 * 1024 * 1024;
    private static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SearchTimeout = TimeSpan.FromSeconds(60);

    private readonly ClientConfig _config;
    private readonly TopicBoundsReader _bounds;
    private readonly string _topic;

    /// <summary>Reads <paramref name="topic"/>, the dead letter topic.</summary>
    /// <param name="config">How to reach the brokers.</param>
    /// <param name="bounds">Where the topic begins and ends.</param>
    /// <param name="topic">The dead letter topic's name.</param>
    public DeadLetterReader(ClientConfig config, TopicBoundsReader bounds, string topic)
    {
        _config = config;
        _bounds = bounds;
        _topic = topic;
    }

    /// <summary>The page at <paramref name="cursor"/>.</summary>
    /// <param name="cursor">Where it starts. Dead letters that retention has removed since are left out.</param>
    /// <param name="limit">At most so many, 1 to <see cref="MaxPageSize"/>. Large records make a page shorter.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers did not give the records within 15 s.</exception>
    public async Task<DeadLetterPage> ReadPageAsync(OffsetsCursor cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPageSize);
        var bounds = await _bounds.ReadAsync(_topic, cancellationToken).ConfigureAwait(false);
        var ranges = bounds
            .Select(b => new OffsetRange(b.Key, Math.Max(b.Value.Low, cursor.Offsets.GetValueOrDefault(b.Key)), b.Value.High))
            .ToList();
        if (ranges.All(r => r.Length == 0))
        {
            return new DeadLetterPage([], null);
        }
        var heads = await Task.Run(() => ReadHeads(ranges, limit, cancellationToken), cancellationToken).ConfigureAwait(false);
        return DeadLetterHead.Merge(heads, limit);
    }

    /// <summary>Those of <paramref name="origins"/> that are dead letters, with their envelopes.</summary>
    /// <param name="origins">What to look for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>
    /// The topic is not ordered by origin, so it is read from its oldest record until all are found. Where a record was
    /// dead-lettered twice (a consumer died between the dead letter and the commit), both envelopes say the same.
    /// </remarks>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The topic was not read to its end within 60 s.</exception>
    public async Task<IReadOnlyDictionary<DeadLetterOrigin, DeadLetter>> FindAsync(
        IReadOnlyCollection<DeadLetterOrigin> origins, CancellationToken cancellationToken)
    {
        if (origins.Count == 0)
        {
            return new Dictionary<DeadLetterOrigin, DeadLetter>();
        }
        var bounds = await _bounds.ReadAsync(_topic, cancellationToken).ConfigureAwait(false);
        var ranges = bounds.Select(b => new OffsetRange(b.Key, b.Value.Low, b.Value.High)).ToList();
        return await Task.Run(() => Search(origins, ranges, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The record that a dead letter speaks of, read where it was. For the few letters whose record was too large to be
    /// kept in the letter itself.
    /// </summary>
    /// <returns>The record's key and value, or null where the brokers have it no more.</returns>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers did not give the record within 15 s.</exception>
    internal async Task<Message<byte[]?, byte[]?>?> ReadOriginAsync(DeadLetterOrigin origin, CancellationToken cancellationToken)
    {
        var bounds = await _bounds.ReadAsync(origin.Topic, cancellationToken).ConfigureAwait(false);
        if (!bounds.TryGetValue(origin.Partition, out var partition) || origin.Offset < partition.Low || origin.Offset >= partition.High)
        {
            return null;
        }
        return await Task.Run(() =>
        {
            Message<byte[]?, byte[]?>? message = null;
            using var reader = new RecordRangeReader(
                _config, origin.Topic, [new OffsetRange(origin.Partition, origin.Offset, origin.Offset + 1)]);
            ReadAll(reader, PageTimeout, record =>
            {
                message = record.Message;
                return false;
            }, cancellationToken);
            return message;
        }, cancellationToken).ConfigureAwait(false);
    }

    private List<DeadLetterHead> ReadHeads(IReadOnlyList<OffsetRange> ranges, int limit, CancellationToken cancellationToken)
    {
        var heads = ranges.ToDictionary(r => r.Partition, r => new DeadLetterHead(r));
        var bytes = ranges.ToDictionary(r => r.Partition, _ => 0L);
        var full = new HashSet<int>();
        using var reader = new RecordRangeReader(_config, _topic, ranges);
        ReadAll(reader, PageTimeout, record =>
        {
            var partition = record.Partition.Value;
            if (full.Contains(partition))
            {
                // It was on its way when the partition had enough.
                return true;
            }
            var head = heads[partition];
            head.Add(Parse(record));
            bytes[partition] += record.Message.Value?.Length ?? 0;
            if (head.Count == limit || bytes[partition] >= MaxBytesPerPartition)
            {
                head.Cut = record.Offset.Value + 1 < head.Range.To;
                full.Add(partition);
                reader.Leave(partition);
            }
            return true;
        }, cancellationToken);
        return [.. heads.Values];
    }

    private Dictionary<DeadLetterOrigin, DeadLetter> Search(
        IReadOnlyCollection<DeadLetterOrigin> origins, IReadOnlyList<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        var wanted = origins.ToHashSet();
        // A letter that is older than the mention of the topic's id is known by its place alone.
        var byPlace = origins.DistinctBy(o => o with { TopicId = "" }).ToDictionary(o => o with { TopicId = "" });
        var found = new Dictionary<DeadLetterOrigin, DeadLetter>();
        using var reader = new RecordRangeReader(_config, _topic, ranges);
        ReadAll(reader, SearchTimeout, record =>
        {
            if (Parse(record).Letter is { } letter)
            {
                var origin = DeadLetterOrigin.Of(letter);
                if (wanted.Contains(origin) || (letter.TopicId is null && byPlace.TryGetValue(origin, out origin)))
                {
                    found.TryAdd(origin, letter);
                }
            }
            return found.Count < wanted.Count;
        }, cancellationToken);
        return found;
    }

    private void ReadAll(
        RecordRangeReader reader, TimeSpan timeout, Func<ConsumeResult<byte[]?, byte[]?>, bool> take, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!reader.Completed)
        {
            if (Stopwatch.GetElapsedTime(started) > timeout)
            {
                throw new TimeoutException($"The brokers did not give the records of {_topic} within {timeout.TotalSeconds:0} s.");
            }
            foreach (var record in reader.Read(500, MaxBytesPerPartition, TimeSpan.FromMilliseconds(500), cancellationToken))
            {
                if (!take(record))
                {
                    return;
                }
            }
        }
    }

    private static DeadLetterRecord Parse(ConsumeResult<byte[]?, byte[]?> record)
    {
        var value = record.Message.Value ?? [];
        return DeadLetter.TryParse(value, out var letter)
            ? new DeadLetterRecord(record.Partition.Value, record.Offset.Value, letter, null)
            : new DeadLetterRecord(record.Partition.Value, record.Offset.Value, null, value);
    }
}
