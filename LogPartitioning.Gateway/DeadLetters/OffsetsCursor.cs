using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// Where a page of something that lies in partitions ended: an offset for each partition, and the order in which it was read. To callers it is opaque
/// text, safe in a URL.
/// </summary>
internal sealed class OffsetsCursor
{
    private const byte OldestVersion = 1;
    // Version 2 is a cursor of events.
    private const byte NewestVersion = 3;
    private const int HeaderBytes = 1;
    private const int EntryBytes = sizeof(int) + sizeof(long);
    // Enough for any topic of this system, and a bound on what a caller can make us parse.
    private const int MaxPartitions = 10_000;

    private readonly SortedDictionary<int, long> _offsets;

    internal OffsetsCursor(IEnumerable<KeyValuePair<int, long>> offsets, LogOrder order = LogOrder.Oldest)
    {
        _offsets = new(offsets.ToDictionary());
        Order = order;
    }

    /// <summary>Before the first page, oldest first.</summary>
    public static OffsetsCursor Start { get; } = new([]);

    /// <summary>Before the first page, newest first.</summary>
    public static OffsetsCursor End { get; } = new([], LogOrder.Newest);

    /// <summary>The order of the page.</summary>
    public LogOrder Order { get; }

    /// <summary>
    /// The offset of each partition from which the next page goes on, or, newest first, below which it does. A partition that is missing has not been read.
    /// </summary>
    public IReadOnlyDictionary<int, long> Offsets => _offsets;

    /// <summary>Reads what <see cref="ToString"/> wrote. Never throws, whatever the text.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out OffsetsCursor? cursor)
    {
        cursor = null;
        if (string.IsNullOrEmpty(text) || text.Length > Base64Url.GetEncodedLength(HeaderBytes + MaxPartitions * EntryBytes))
        {
            return false;
        }
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length < HeaderBytes || bytes[0] is not (OldestVersion or NewestVersion) || (length - HeaderBytes) % EntryBytes != 0)
        {
            return false;
        }
        var read = new Dictionary<int, long>();
        for (var at = HeaderBytes; at < length; at += EntryBytes)
        {
            var partition = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            var offset = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + sizeof(int)));
            if (partition < 0 || offset < 0 || !read.TryAdd(partition, offset))
            {
                return false;
            }
        }
        cursor = new(read, bytes[0] == NewestVersion ? LogOrder.Newest : LogOrder.Oldest);
        return true;
    }

    /// <summary>The cursor as text.</summary>
    public override string ToString()
    {
        var bytes = new byte[HeaderBytes + _offsets.Count * EntryBytes];
        bytes[0] = Order == LogOrder.Newest ? NewestVersion : OldestVersion;
        var at = HeaderBytes;
        foreach (var (partition, offset) in _offsets)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), partition);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(at + sizeof(int)), offset);
            at += EntryBytes;
        }
        return Base64Url.EncodeToString(bytes);
    }
}
