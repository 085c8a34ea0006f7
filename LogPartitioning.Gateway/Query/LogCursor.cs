using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Where a page of stored events ended: the last offset read of each partition. To callers it is opaque text, safe in a URL.
/// </summary>
internal sealed class LogCursor
{
    private const byte Version = 1;
    private const int HeaderBytes = 1;
    private const int EntryBytes = sizeof(int) + sizeof(long);
    // Enough for any topic of this system, and a bound on what a caller can make us parse.
    private const int MaxPartitions = 10_000;

    private readonly SortedDictionary<int, long> _lastOffsets;

    internal LogCursor(IEnumerable<KeyValuePair<int, long>> lastOffsets) =>
        _lastOffsets = new(lastOffsets.ToDictionary());

    /// <summary>The last offset read of each partition; a partition that is missing has not been read.</summary>
    public IReadOnlyDictionary<int, long> LastOffsets => _lastOffsets;

    /// <summary>Reads what <see cref="ToString"/> wrote. Never throws, whatever the text.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LogCursor? cursor)
    {
        cursor = null;
        if (string.IsNullOrEmpty(text) || text.Length > Base64Url.GetEncodedLength(HeaderBytes + MaxPartitions * EntryBytes))
        {
            return false;
        }
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.IsValid(text) || !Base64Url.TryDecodeFromChars(text, bytes, out var length)
            || length < HeaderBytes || bytes[0] != Version || (length - HeaderBytes) % EntryBytes != 0)
        {
            return false;
        }
        var offsets = new Dictionary<int, long>();
        for (var at = HeaderBytes; at < length; at += EntryBytes)
        {
            var partition = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at));
            var offset = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at + sizeof(int)));
            if (partition < 0 || offset < 0 || !offsets.TryAdd(partition, offset))
            {
                return false;
            }
        }
        cursor = new(offsets);
        return true;
    }

    /// <summary>The cursor as text.</summary>
    public override string ToString()
    {
        var bytes = new byte[HeaderBytes + _lastOffsets.Count * EntryBytes];
        bytes[0] = Version;
        var at = HeaderBytes;
        foreach (var (partition, offset) in _lastOffsets)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), partition);
            BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(at + sizeof(int)), offset);
            at += EntryBytes;
        }
        return Base64Url.EncodeToString(bytes);
    }
}
