using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// Where the next page of dead letters starts: an offset for each partition. Callers see it as opaque text.
/// </summary>
internal sealed class DeadLetterCursor
{
    // More than any topic has, and few enough that a forged cursor costs nothing.
    private const int MaxPartitions = 4096;
    private readonly SortedDictionary<int, long> _offsets;

    /// <summary>A cursor at the given offset of each partition; a partition that is not named starts at its oldest record.</summary>
    public DeadLetterCursor(IEnumerable<KeyValuePair<int, long>> offsets) =>
        _offsets = new SortedDictionary<int, long>(offsets.ToDictionary());

    /// <summary>Before the oldest dead letter.</summary>
    public static DeadLetterCursor Start { get; } = new([]);

    /// <summary>The offset to go on from, 0 for a partition that the cursor does not name.</summary>
    public long OffsetOf(int partition) => _offsets.GetValueOrDefault(partition);

    /// <summary>The cursor as base64url text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (partition, offset) in _offsets)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{partition}:{offset}");
        }
        return Base64Url.EncodeToString(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Reads what <see cref="ToString"/> wrote. Null and empty are the start; anything else that is not a cursor is refused.</summary>
    public static bool TryParse(string? text, out DeadLetterCursor cursor)
    {
        cursor = Start;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }
        if (text.Length > MaxPartitions * 32 || !Base64Url.IsValid(text))
        {
            return false;
        }
        var offsets = new Dictionary<int, long>();
        foreach (var part in Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split(','))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0
                || !int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
                || !long.TryParse(part.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
                || offsets.Count == MaxPartitions
                || !offsets.TryAdd(partition, offset))
            {
                return false;
            }
        }
        cursor = new DeadLetterCursor(offsets);
        return true;
    }
}
