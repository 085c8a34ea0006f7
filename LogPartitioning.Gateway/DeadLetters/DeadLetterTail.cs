using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// The newest dead letters of one partition, and how several partitions become one page. Brokers give records in the order of their
/// offsets only, so a partition is read by pieces, the last one first; each is larger than the one before, as long as its bytes allow it.
/// </summary>
/// <param name="range">What the page may take of the partition.</param>
/// <param name="limit">How many the page holds at most.</param>
/// <param name="partitions">How many partitions share the page.</param>
/// <param name="all">Whether the page asks for every letter, and not for those of a reason.</param>
/// <param name="room">What all of them may hold.</param>
internal sealed class DeadLetterTail(OffsetRange range, int limit, int partitions, bool all, DeadLetterTail.Room room)
{
    // Of small letters. A piece of which the bytes are more than a page's is given up, and a smaller one read.
    private const int FirstPiece = 8;
    private const int LargestPiece = 2048;
    // Of each record that a piece looks at, a few numbers are held.
    private const int LookedOfAll = 50_000;
    private const int Growth = 4;

    private readonly Queue<Letter> _letters = new();
    private readonly List<(Letter Letter, DateTimeOffset? At, bool Wanted)> _piece = [];
    private OffsetRange _reading;
    private readonly long _largest = Math.Clamp(LookedOfAll / partitions, 1, all ? limit : LargestPiece);
    private long _size = Math.Clamp((limit + partitions - 1) / partitions, 1, FirstPiece);
    private long _bottom = range.To;
    private long _looked;
    private long _lookedBytes;
    private long _pieceBytes;
    private bool _givenUp;
    // A letter waits for those behind it in its partition, so its turn comes with the earliest time from it on. A record that is no
    // envelope has no time of its own; it keeps its place before the one behind it.
    private DateTimeOffset _turn = DateTimeOffset.MaxValue;

    public OffsetRange Range => range;

    /// <summary>Below which offset this partition goes on after the page.</summary>
    public long Position => _letters.TryPeek(out var next) ? next.Offset + 1 : _bottom;

    /// <summary>Whether there may be more than what is held.</summary>
    private bool IsCut => _bottom > range.From;

    private bool MayLookOn => IsCut && _looked < DeadLetterReader.MaxLooked && _lookedBytes < DeadLetterReader.MaxLookedBytes;

    private DateTimeOffset Turn => _letters.TryPeek(out var next) ? next.Turn : _turn;

    /// <summary>Begins the next piece, and gives it.</summary>
    public OffsetRange Begin()
    {
        _givenUp = false;
        _pieceBytes = 0;
        _reading = range with { From = Math.Max(range.From, _bottom - Math.Min(_size, DeadLetterReader.MaxLooked - _looked)), To = _bottom };
        return _reading;
    }

    /// <summary>Takes one record of the piece.</summary>
    /// <param name="record">In the order of offsets.</param>
    /// <param name="wanted">Whether the page asks for it. The time of others counts: those before them still wait for them.</param>
    /// <returns>False where the piece is too large: no more of it is needed.</returns>
    public bool Add(DeadLetterRecord record, bool wanted)
    {
        if (_givenUp)
        {
            // It was on its way when the partition was left.
            return false;
        }
        _pieceBytes += record.Bytes;
        if (_pieceBytes > DeadLetterReader.MaxPageBytes && _reading.Length > 1)
        {
            _givenUp = true;
            return false;
        }
        var kept = wanted && room.TryTake(record.Bytes) ? record : null;
        _piece.Add((new Letter(record.Partition, record.Offset, record.Bytes, kept, default), record.Letter?.At, wanted));
        return true;
    }

    /// <summary>Ends the piece, which was read to its end or given up.</summary>
    public void End()
    {
        if (_givenUp)
        {
            _size = Math.Max(1, Math.Min(_size, _reading.Length) / Growth);
            _piece.ForEach(seen => room.GiveBack(seen.Letter));
        }
        else
        {
            Keep();
        }
        _piece.Clear();
    }

    private void Keep()
    {
        _bottom = _reading.From;
        _looked += _reading.Length;
        _lookedBytes += _pieceBytes;
        _size = Math.Min(_size * Growth, _largest);
        for (var i = _piece.Count - 1; i >= 0; i--)
        {
            var (letter, at, wanted) = _piece[i];
            if (_letters.Count == limit)
            {
                // No page takes more of one partition.
                _bottom = Math.Max(_bottom, letter.Offset + 1);
                room.GiveBack(letter);
                continue;
            }
            _turn = at < _turn ? at.Value : _turn;
            if (wanted)
            {
                _letters.Enqueue(letter with { Turn = _turn });
            }
        }
    }

    /// <summary>Takes the newest letter of all partitions again and again, until the page is full or a partition may not be looked at further.</summary>
    /// <param name="tails">The partitions.</param>
    /// <param name="limit">The most letters of the page.</param>
    /// <param name="read">Reads the next piece of each of these partitions; false where the page has to do with what it has.</param>
    public static IReadOnlyList<Letter> Merge(IReadOnlyCollection<DeadLetterTail> tails, int limit, Func<IReadOnlyList<DeadLetterTail>, bool> read)
    {
        var chosen = new List<Letter>();
        var bytes = 0L;
        while (chosen.Count < limit)
        {
            var first = tails.Where(tail => tail._letters.Count > 0 || tail.IsCut).MaxBy(tail => (tail.Turn, -tail.Range.Partition));
            if (first is null)
            {
                break;
            }
            if (first._letters.Count == 0)
            {
                // The page must not go by what is not known. The others that have nothing left are read in the same turn.
                if (!first.MayLookOn || !read([.. tails.Where(tail => tail._letters.Count == 0 && tail.MayLookOn)]))
                {
                    break;
                }
                continue;
            }
            var letter = first._letters.Peek();
            bytes += letter.Bytes;
            if (bytes > DeadLetterReader.MaxPageBytes && chosen.Count > 0)
            {
                break;
            }
            chosen.Add(first._letters.Dequeue());
        }
        return chosen;
    }

    /// <summary>Where the page after this one starts; null where this is the last.</summary>
    public static OffsetsCursor? Next(IReadOnlyCollection<DeadLetterTail> tails) => tails.Any(tail => tail.Position > tail.Range.From)
        ? new OffsetsCursor(tails.Select(tail => KeyValuePair.Create(tail.Range.Partition, tail.Position)), LogOrder.Newest)
        : null;

    /// <summary>A letter that the page may take.</summary>
    /// <param name="Partition">Its partition in the dead letter topic.</param>
    /// <param name="Offset">Its offset there.</param>
    /// <param name="Bytes">The size of its record.</param>
    /// <param name="Record">The record; null where there was no room for it.</param>
    /// <param name="Turn">When its turn comes.</param>
    internal readonly record struct Letter(int Partition, long Offset, int Bytes, DeadLetterRecord? Record, DateTimeOffset Turn);

    /// <summary>How many bytes of records may be held at once.</summary>
    internal sealed class Room(long bytes)
    {
        private long _left = bytes;

        public bool TryTake(int bytes)
        {
            if (bytes > _left)
            {
                return false;
            }
            _left -= bytes;
            return true;
        }

        public void GiveBack(Letter letter) => _left += letter.Record is null ? 0 : letter.Bytes;
    }
}
