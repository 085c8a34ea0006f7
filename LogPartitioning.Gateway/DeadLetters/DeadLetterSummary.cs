using System.Diagnostics;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>The dead letters of one reason.</summary>
/// <param name="Reason">The reason; <c>(other)</c> for those beyond the first 50 reasons, and for what no reason can be.</param>
/// <param name="Count">How many records.</param>
/// <param name="Redriven">Of how many the ledger says that they were sent through again.</param>
/// <param name="Oldest">When the oldest was set aside; null where none tells a time.</param>
/// <param name="Newest">When the newest was set aside; null where none tells a time.</param>
internal sealed record DeadLetterReasonSummary(string Reason, int Count, int Redriven, DateTimeOffset? Oldest, DateTimeOffset? Newest);

/// <summary>What the dead letter topic holds.</summary>
/// <param name="Reasons">By reason, the most frequent first.</param>
/// <param name="Looked">How many records this is about.</param>
/// <param name="Of">How many the topic holds, by its offsets.</param>
/// <param name="Complete">Whether all that the topic holds was looked at.</param>
/// <param name="At">When it was read.</param>
internal sealed record DeadLetterSummaryView(IReadOnlyList<DeadLetterReasonSummary> Reasons, int Looked, long Of, bool Complete, DateTimeOffset At);

/// <summary>
/// Counts dead letters by reason. It keeps a few numbers of each record, so that only what is new is read again, and its answer for
/// some seconds, so that a page that refreshes costs nothing.
/// </summary>
/// <param name="reader">Reads the dead letter topic.</param>
/// <param name="ledger">Which were sent again.</param>
/// <param name="topic">The topic of the events: letters of others are never sent again.</param>
/// <param name="lettersId">Asks for the id of the dead letter topic: one that was created again holds none of the letters that were counted.</param>
/// <param name="time">The clock.</param>
/// <param name="most">The most records that are looked at, 1 or more.</param>
internal sealed class DeadLetterSummary(
    DeadLetterReader reader, DeadLetterRedriveLedger ledger, string topic, Func<CancellationToken, Task<string?>> lettersId, TimeProvider time, int most = DeadLetterSummary.MaxLooked)
    : IDisposable
{
    /// <summary>The most records that are looked at.</summary>
    public const int MaxLooked = 100_000;

    /// <summary>The most reasons that are told apart.</summary>
    public const int MaxReasons = 50;

    /// <summary>What reasons that are not told apart are counted as.</summary>
    public const string OtherReasons = "(other)";

    private const int LedgerQuestion = 10_000;
    private static readonly TimeSpan s_keep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_readTime = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<int, PartitionLetters> _partitions = [];
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private string? _lettersId;
    private string _topicId = "";
    private DeadLetterSummaryView? _last;

    /// <summary>The counts, at most 5 s old. A first reading that takes more than 10 s gives what it has, and the next goes on.</summary>
    /// <exception cref="Confluent.Kafka.KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers did not give the records in time.</exception>
    /// <exception cref="Npgsql.NpgsqlException">The ledger cannot be read.</exception>
    public async Task<DeadLetterSummaryView> ReadAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is null || time.GetUtcNow() - _last.At >= s_keep)
            {
                _last = await RefreshAsync(cancellationToken).ConfigureAwait(false);
            }
            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    /// <summary>
    /// Of each partition the newest records, in all at most <paramref name="most"/>: those with few records give their room to the others.
    /// </summary>
    internal static IReadOnlyList<OffsetRange> Newest(IReadOnlyDictionary<int, PartitionBounds> held, int most)
    {
        var ranges = new List<OffsetRange>();
        long left = most;
        var waiting = held.Count;
        foreach (var (partition, bounds) in held.OrderBy(b => b.Value.High - b.Value.Low).ThenBy(b => b.Key))
        {
            var length = Math.Min(Math.Max(0, bounds.High - bounds.Low), left / waiting);
            ranges.Add(new OffsetRange(partition, bounds.High - length, bounds.High));
            left -= length;
            waiting--;
        }
        return ranges;
    }

    private async Task<DeadLetterSummaryView> RefreshAsync(CancellationToken cancellationToken)
    {
        var id = await lettersId(cancellationToken).ConfigureAwait(false);
        if (id != _lettersId)
        {
            _partitions.Clear();
            _lettersId = id;
        }
        var held = await reader.BoundsAsync(cancellationToken).ConfigureAwait(false);
        foreach (var gone in _partitions.Keys.Except(held.Keys).ToList())
        {
            _partitions.Remove(gone);
        }
        var started = Stopwatch.GetTimestamp();
        foreach (var range in Newest(held, most))
        {
            if (!_partitions.TryGetValue(range.Partition, out var letters) || letters.Next > range.To)
            {
                // Its offsets went back: it is a topic that was created again, at brokers that give no ids.
                _partitions[range.Partition] = letters = new PartitionLetters();
            }
            letters.KeepFrom(range.From);
            while (letters.Next < range.To && Stopwatch.GetElapsedTime(started) < s_readTime)
            {
                letters.Next = await reader.ScanAsync(
                    range with { From = letters.Next },
                    record =>
                    {
                        letters.Add(Note(record));
                        letters.Next = record.Offset + 1;
                        return Stopwatch.GetElapsedTime(started) < s_readTime;
                    },
                    cancellationToken).ConfigureAwait(false);
            }
        }
        await AskLedgerAsync(cancellationToken).ConfigureAwait(false);

        var looked = _partitions.Values.Sum(p => p.Letters.Count);
        var reasons = _partitions.Values.SelectMany(p => p.Letters)
            .GroupBy(letter => letter.Reason)
            .Select(group => new DeadLetterReasonSummary(
                group.Key, group.Count(), group.Count(l => l.Redriven), group.Min(l => l.At), group.Max(l => l.At)))
            .OrderByDescending(reason => reason.Count).ThenBy(reason => reason.Reason, StringComparer.Ordinal)
            .ToList();
        foreach (var gone in _names.Keys.Except(reasons.Select(reason => reason.Reason)).ToList())
        {
            // Retention took the last of them: another reason may have its place.
            _names.Remove(gone);
        }
        return new DeadLetterSummaryView(
            reasons, looked, held.Values.Sum(b => Math.Max(0, b.High - b.Low)),
            held.All(b => _partitions[b.Key] is var p && p.From <= b.Value.Low && p.Next >= b.Value.High), time.GetUtcNow());
    }

    private async Task AskLedgerAsync(CancellationToken cancellationToken)
    {
        var open = _partitions.Values.SelectMany(p => p.Letters).Where(letter => letter is { Redriven: false, Origin: not null });
        foreach (var some in open.Chunk(LedgerQuestion))
        {
            var entries = await ledger.ReadAsync(some.Select(letter => letter.Origin!.Value).ToHashSet(), cancellationToken).ConfigureAwait(false);
            foreach (var letter in some)
            {
                letter.Redriven = entries.TryGetValue(letter.Origin!.Value, out var entry) && entry.Sent;
            }
        }
    }

    // Anybody can write to the topic: of the texts in it, none that is long is kept, and not many different ones.
    private Noted Note(DeadLetterRecord record) => new(
        record.Offset,
        NameOf(record.Reason),
        record.Letter?.At,
        record.Letter is { } letter && letter.Topic == topic ? OriginOf(letter) : null);

    /// <summary>The origin with texts that all letters share: nearly all come from the topic that is there now.</summary>
    private DeadLetterOrigin OriginOf(DeadLetter letter)
    {
        var origin = DeadLetterOrigin.Of(letter);
        _topicId = origin.TopicId == _topicId ? _topicId : origin.TopicId;
        return origin with { Topic = topic, TopicId = _topicId };
    }

    private string NameOf(string reason)
    {
        if (_names.TryGetValue(reason, out var known))
        {
            return known;
        }
        return reason.Length is > 0 and <= DeadLetterEndpoints.MaxReasonCharacters && _names.Count < MaxReasons ? _names[reason] = reason : OtherReasons;
    }

    private sealed class Noted(long offset, string reason, DateTimeOffset? at, DeadLetterOrigin? origin)
    {
        public long Offset => offset;

        public string Reason => reason;

        public DateTimeOffset? At => at;

        public DeadLetterOrigin? Origin => origin;

        public bool Redriven { get; set; }
    }

    private sealed class PartitionLetters
    {
        public Queue<Noted> Letters { get; } = new();

        /// <summary>The first offset that was looked at.</summary>
        public long From { get; private set; } = -1;

        /// <summary>The first offset that was not read yet.</summary>
        public long Next { get; set; }

        public void Add(Noted letter) => Letters.Enqueue(letter);

        public void KeepFrom(long offset)
        {
            // A share that grows again does not bring back what was let go.
            From = From < 0 ? offset : Math.Max(From, offset);
            Next = Math.Max(Next, From);
            while (Letters.TryPeek(out var letter) && letter.Offset < From)
            {
                Letters.Dequeue();
            }
        }
    }
}
