using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>Reads the dead letter topic: by page, or for given origins. It is a member of no group and moves nothing.</summary>
/// <param name="pages">The clients that read pages.</param>
/// <param name="searches">The clients that search: others, since a search through all of the topic takes long.</param>
/// <param name="bounds">Where the topic begins and ends.</param>
/// <param name="topic">The dead letter topic's name.</param>
internal sealed class DeadLetterReader(RecordReaders pages, RecordReaders searches, TopicBoundsReader bounds, string topic)
{
    /// <summary>The most dead letters that a page holds.</summary>
    public const int MaxPageSize = 200;

    /// <summary>The most bytes of records that a page holds; a larger one is a page of its own.</summary>
    public const int MaxPageBytes = 1024 * 1024;

    /// <summary>The most records of each partition that a page looks at for the reason it asks for.</summary>
    public const int MaxLooked = 5_000;

    /// <summary>The most bytes of each partition's records that a page looks at for the reason it asks for.</summary>
    public const int MaxLookedBytes = 4 * 1024 * 1024;

    /// <summary>The most bytes of records that a search holds.</summary>
    public const int MaxFoundBytes = 16 * 1024 * 1024;

    private const int FirstPiece = 500;
    private const int PieceGrowth = 4;
    private static readonly TimeSpan PageTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ScanTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SearchTimeout = TimeSpan.FromSeconds(60);

    /// <summary>The page at <paramref name="cursor"/>.</summary>
    /// <param name="cursor">Where it starts, and in which order it goes. Dead letters that retention has removed since are left out.</param>
    /// <param name="limit">At most so many, 1 to <see cref="MaxPageSize"/>. Large records make a page shorter.</param>
    /// <param name="reason">
    /// Only those that were set aside for it; null for all. A page looks at <see cref="MaxLooked"/> records of a partition at most:
    /// where those of the reason are far apart, it may hold none, and there is a next one all the same.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers did not give the records within 15 s.</exception>
    /// <exception cref="BusyException">Too many read already.</exception>
    public async Task<DeadLetterPage> ReadPageAsync(OffsetsCursor cursor, int limit, string? reason, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MaxPageSize);
        return await pages.ReadAsync(
            async client =>
            {
                var held = await bounds.ReadAsync(topic, cancellationToken).ConfigureAwait(false);
                var newest = cursor.Order == LogOrder.Newest;
                var ranges = held
                    .Select(b => newest
                        ? new OffsetRange(b.Key, b.Value.Low, Math.Min(b.Value.High, cursor.Offsets.GetValueOrDefault(b.Key, long.MaxValue)))
                        : new OffsetRange(b.Key, Math.Max(b.Value.Low, cursor.Offsets.GetValueOrDefault(b.Key)), b.Value.High))
                    .ToList();
                return ranges.All(r => r.Length == 0)
                    ? new DeadLetterPage([], null)
                    : await Task.Run(
                        () => newest
                            ? ReadNewest(client, ranges, limit, reason, cancellationToken)
                            : DeadLetterHead.Merge(ReadHeads(client, ranges, limit, reason, cancellationToken), limit),
                        cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where each partition of the dead letter topic begins and ends now.</summary>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    public Task<IReadOnlyDictionary<int, PartitionBounds>> BoundsAsync(CancellationToken cancellationToken) => bounds.ReadAsync(topic, cancellationToken);

    /// <summary>Goes through records of one partition until <paramref name="take"/> says that it is enough, the range ends, or 10 s are over.</summary>
    /// <param name="range">What to read, within what the brokers hold.</param>
    /// <param name="take">Gets one record after the other; false after the last that it wants.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The offset to go on from: the range's end when all of it was read.</returns>
    /// <exception cref="KafkaException">The brokers do not answer, or hold the records no longer.</exception>
    /// <exception cref="TimeoutException">The brokers did not give one record within 15 s.</exception>
    /// <exception cref="BusyException">Another search goes on.</exception>
    public async Task<long> ScanAsync(OffsetRange range, Func<DeadLetterRecord, bool> take, CancellationToken cancellationToken) =>
        range.Length == 0 ? range.To : await searches.ReadAsync(
            client => Task.Run(() => Scan(client, range, take, cancellationToken), cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Those of <paramref name="origins"/> that are dead letters, with their envelopes; null in the place of those that would make
    /// it more than <see cref="MaxFoundBytes"/>.
    /// </summary>
    /// <param name="origins">What to look for.</param>
    /// <param name="since">No letter that is older is looked at; null for all. Needs brokers that keep the times of records.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <remarks>
    /// The topic is not ordered by origin, so it is read by pieces, the newest letters first, until all are found. Where a record was
    /// dead-lettered twice (a consumer died between the dead letter and the commit), both envelopes say the same.
    /// </remarks>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The topic was not read to its beginning within 60 s.</exception>
    /// <exception cref="BusyException">Another search goes on.</exception>
    public async Task<IReadOnlyDictionary<DeadLetterOrigin, DeadLetter?>> FindAsync(
        IReadOnlyCollection<DeadLetterOrigin> origins, DateTimeOffset? since, CancellationToken cancellationToken)
    {
        if (origins.Count == 0)
        {
            return new Dictionary<DeadLetterOrigin, DeadLetter?>();
        }
        return await searches.ReadAsync(
            async client =>
            {
                var held = await bounds.ReadAsync(topic, cancellationToken).ConfigureAwait(false);
                var first = since is { } time && held.Count > 0 ? await bounds.OffsetsAtAsync(topic, [.. held.Keys], time, cancellationToken).ConfigureAwait(false) : null;
                var ranges = held.Select(b => new OffsetRange(b.Key, Math.Clamp(first?.GetValueOrDefault(b.Key) ?? 0, b.Value.Low, b.Value.High), b.Value.High)).ToList();
                return await Task.Run(() => Search(client, origins, ranges, cancellationToken), cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
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
        return await searches.ReadAsync(
            async client =>
            {
                var held = await bounds.ReadAsync(origin.Topic, cancellationToken).ConfigureAwait(false);
                return held.TryGetValue(origin.Partition, out var partition) && origin.Offset >= partition.Low && origin.Offset < partition.High
                    ? await Task.Run(() => ReadOne(client, origin, cancellationToken), cancellationToken).ConfigureAwait(false)
                    : null;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private Message<byte[]?, byte[]?>? ReadOne(RecordRangeReader client, DeadLetterOrigin origin, CancellationToken cancellationToken)
    {
        Message<byte[]?, byte[]?>? message = null;
        client.Start(origin.Topic, [new OffsetRange(origin.Partition, origin.Offset, origin.Offset + 1)]);
        ReadAll(client, PageTimeout, record =>
        {
            message = record.Message;
            return false;
        }, cancellationToken);
        return message;
    }

    /// <summary>
    /// What a page may need of each partition. No more is held than a page may have: over that, what would come last is let go
    /// again, and its partition is left. What comes first stays, so that there is always something to give.
    /// </summary>
    private List<DeadLetterHead> ReadHeads(
        RecordRangeReader client, List<OffsetRange> ranges, int limit, string? reason, CancellationToken cancellationToken)
    {
        var heads = ranges.ToDictionary(r => r.Partition, r => new DeadLetterHead(r));
        var full = new HashSet<int>();
        // By partition, so that each gets on: with one bound for all, those that the brokers give last would never be looked at.
        var looked = ranges.ToDictionary(r => r.Partition, _ => (Count: 0, Bytes: 0L));
        var (count, bytes) = (0, 0L);
        client.Start(topic, ranges);
        ReadAll(client, PageTimeout, record =>
        {
            var partition = record.Partition.Value;
            if (full.Contains(partition))
            {
                // It was on its way when the partition was left.
                return true;
            }
            var head = heads[partition];
            var read = Parse(record);
            if (reason is not null)
            {
                var (records, size) = looked[partition];
                looked[partition] = (records, size) = (records + 1, size + read.Bytes);
                if (records == MaxLooked || size >= MaxLookedBytes)
                {
                    head.Cut = record.Offset.Value + 1 < head.Range.To;
                    Leave(partition);
                }
                if (read.Reason != reason)
                {
                    head.Skip(read);
                    return true;
                }
            }
            head.Add(read);
            (count, bytes) = (count + 1, bytes + read.Bytes);
            if (head.Count == limit)
            {
                head.Cut = record.Offset.Value + 1 < head.Range.To;
                Leave(partition);
            }
            while (bytes > MaxPageBytes && count > 1)
            {
                var (dropped, size) = DeadLetterHead.DropLast(heads.Values);
                (count, bytes) = (count - 1, bytes - size);
                Leave(dropped.Range.Partition);
            }
            return true;
        }, cancellationToken);
        return [.. heads.Values];

        void Leave(int partition)
        {
            full.Add(partition);
            client.Leave(partition);
        }
    }

    /// <summary>
    /// The newest letters, by pieces of each partition from its end on: as much of each as the page turns out to need. Where that is
    /// more bytes than a page may have, a record is let go, and read again once it is known to be one of the page.
    /// </summary>
    private DeadLetterPage ReadNewest(
        RecordRangeReader client, List<OffsetRange> ranges, int limit, string? reason, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var room = new DeadLetterTail.Room(MaxPageBytes);
        var tails = ranges.Select(range => new DeadLetterTail(range, limit, ranges.Count, reason is null, room)).ToDictionary(tail => tail.Range.Partition);
        var chosen = DeadLetterTail.Merge(tails.Values, limit, ReadPieces);
        var records = ReadAgain(client, chosen, cancellationToken);
        return new DeadLetterPage([.. chosen.Select(letter => letter.Record ?? records.GetValueOrDefault((letter.Partition, letter.Offset))).OfType<DeadLetterRecord>()], DeadLetterTail.Next(tails.Values));

        bool ReadPieces(IReadOnlyList<DeadLetterTail> reading)
        {
            if (Stopwatch.GetElapsedTime(started) > ScanTime && tails.Values.Any(tail => tail.Position < tail.Range.To))
            {
                // The next page goes on from here.
                return false;
            }
            client.Start(topic, reading.Select(tail => tail.Begin()));
            ReadAll(client, PageTimeout, record =>
            {
                var read = Parse(record);
                if (!tails[read.Partition].Add(read, reason is null || read.Reason == reason))
                {
                    client.Leave(read.Partition);
                }
                return true;
            }, cancellationToken);
            foreach (var tail in reading)
            {
                tail.End();
            }
            return true;
        }
    }

    private Dictionary<(int Partition, long Offset), DeadLetterRecord> ReadAgain(
        RecordRangeReader client, IReadOnlyList<DeadLetterTail.Letter> letters, CancellationToken cancellationToken)
    {
        var records = new Dictionary<(int, long), DeadLetterRecord>();
        var wanted = letters.Where(letter => letter.Record is null).Select(letter => (letter.Partition, letter.Offset)).ToHashSet();
        if (wanted.Count > 0)
        {
            client.Start(topic, wanted.GroupBy(place => place.Partition).Select(places => new OffsetRange(places.Key, places.Min(p => p.Offset), places.Max(p => p.Offset) + 1)));
            ReadAll(client, PageTimeout, record =>
            {
                if (wanted.Contains((record.Partition.Value, record.Offset.Value)))
                {
                    records[(record.Partition.Value, record.Offset.Value)] = Parse(record);
                }
                return true;
            }, cancellationToken);
        }
        return records;
    }

    private Dictionary<DeadLetterOrigin, DeadLetter?> Search(
        RecordRangeReader client, IReadOnlyCollection<DeadLetterOrigin> origins, IReadOnlyList<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        var wanted = origins.ToHashSet();
        // A letter that is older than the mention of the topic's id is known by its place alone.
        var byPlace = origins.DistinctBy(o => o with { TopicId = "" }).ToDictionary(o => o with { TopicId = "" });
        var found = new Dictionary<DeadLetterOrigin, DeadLetter?>();
        var bytes = 0L;
        var started = Stopwatch.GetTimestamp();
        for (long piece = FirstPiece; found.Count < wanted.Count && ranges.Any(range => range.Length > 0); piece *= PieceGrowth)
        {
            client.Start(topic, ranges.Select(range => range with { From = Math.Max(range.From, range.To - piece) }));
            ReadAll(client, started, SearchTimeout, Take, cancellationToken);
            ranges = [.. ranges.Select(range => range with { To = Math.Max(range.From, range.To - piece) })];
        }
        return found;

        bool Take(ConsumeResult<byte[]?, byte[]?> record)
        {
            var read = Parse(record);
            if (read.Letter is { } letter)
            {
                var origin = DeadLetterOrigin.Of(letter);
                if ((wanted.Contains(origin) || (letter.TopicId is null && byPlace.TryGetValue(origin, out origin))) && !found.ContainsKey(origin))
                {
                    var fits = bytes + read.Bytes <= MaxFoundBytes;
                    found.Add(origin, fits ? letter : null);
                    bytes += fits ? read.Bytes : 0;
                }
            }
            return found.Count < wanted.Count;
        }
    }

    private long Scan(RecordRangeReader client, OffsetRange range, Func<DeadLetterRecord, bool> take, CancellationToken cancellationToken)
    {
        var next = range.From;
        var started = Stopwatch.GetTimestamp();
        client.Start(topic, [range]);
        while (!client.Completed)
        {
            foreach (var record in client.Read(500, MaxPageBytes, TimeSpan.FromMilliseconds(500), cancellationToken))
            {
                next = record.Offset.Value + 1;
                if (!take(Parse(record)))
                {
                    return next;
                }
            }
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (next == range.From && elapsed > PageTimeout)
            {
                throw new TimeoutException($"The brokers did not give the records of {topic} within {PageTimeout.TotalSeconds:0} s.");
            }
            if (next > range.From && elapsed > ScanTime)
            {
                return client.Completed ? range.To : next;
            }
        }
        return range.To;
    }

    private void ReadAll(
        RecordRangeReader reader, TimeSpan timeout, Func<ConsumeResult<byte[]?, byte[]?>, bool> take, CancellationToken cancellationToken) =>
        ReadAll(reader, Stopwatch.GetTimestamp(), timeout, take, cancellationToken);

    private void ReadAll(
        RecordRangeReader reader, long started, TimeSpan timeout, Func<ConsumeResult<byte[]?, byte[]?>, bool> take, CancellationToken cancellationToken)
    {
        while (!reader.Completed)
        {
            if (Stopwatch.GetElapsedTime(started) > timeout)
            {
                throw new TimeoutException($"The brokers did not give the records of {topic} within {timeout.TotalSeconds:0} s.");
            }
            foreach (var record in reader.Read(500, MaxPageBytes, TimeSpan.FromMilliseconds(500), cancellationToken))
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
        var isLetter = DeadLetter.TryParse(value, out var letter);
        return new DeadLetterRecord(record.Partition.Value, record.Offset.Value, letter, isLetter ? null : value) { Bytes = value.Length };
    }
}
