using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;

namespace LogPartitioning.Gateway.Query;

/// <summary>
/// Where a page of stored events ended, and in which order it was read. To callers it is opaque text, safe in a URL.
/// </summary>
/// <param name="Order">The order of the page.</param>
/// <param name="Place">Its last event.</param>
internal sealed record LogCursor(LogOrder Order, LogPlace Place)
{
    // What holds an offset for each partition, as cursors of dead letters do and those of events once did, is version 1, or 3 newest first.
    private const byte OffsetsVersion = 1;
    private const byte NewestOffsetsVersion = 3;
    private const byte Version = 2;

    private const int OrderAt = 1;
    private const int TimestampAt = 2;
    private const int PartitionAt = TimestampAt + sizeof(long);
    private const int LogAt = PartitionAt + sizeof(int);
    private const int OffsetAt = LogAt + sizeof(short);
    private const int Bytes = OffsetAt + sizeof(long);

    // More than any that was ever given out: a bound on what a caller can make us decode.
    private const int MaxCharacters = 200_000;

    /// <summary>Reads what <see cref="ToString"/> wrote. Never throws, whatever the text.</summary>
    /// <param name="text">The text of the caller.</param>
    /// <param name="cursor">The cursor.</param>
    /// <param name="problem">What is wrong with the text, as the end of a sentence about it.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out LogCursor? cursor, [NotNullWhen(false)] out string? problem)
    {
        cursor = null;
        problem = "is not one that this service gave out";
        if (string.IsNullOrEmpty(text) || text.Length > MaxCharacters || !Base64Url.IsValid(text))
        {
            return false;
        }

        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        if (!Base64Url.TryDecodeFromChars(text, bytes, out var length) || length == 0)
        {
            return false;
        }

        if (bytes[0] is OffsetsVersion or NewestOffsetsVersion)
        {
            problem = "is one of dead letters, or of an earlier version of this service; start again without it";
            return false;
        }

        if (bytes[0] != Version || length != Bytes || text.Length != Base64Url.GetEncodedLength(Bytes) || bytes[OrderAt] > (byte)LogOrder.Newest)
        {
            return false;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(TimestampAt));
        var partition = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(PartitionAt));
        var log = BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(LogAt));
        var offset = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(OffsetAt));
        // Times as events have them: to the microsecond, and the two ends, which the database calls infinite, left out.
        if (ticks < TimeSpan.TicksPerMicrosecond || ticks > DateTime.MaxValue.Ticks || ticks % TimeSpan.TicksPerMicrosecond != 0 || partition < 0 || log < 1 || offset < 0)
        {
            return false;
        }

        cursor = new((LogOrder)bytes[OrderAt], new(new DateTime(ticks, DateTimeKind.Utc), partition, log, offset));
        problem = null;
        return true;
    }

    /// <summary>The cursor as text.</summary>
    public override string ToString()
    {
        var bytes = new byte[Bytes];
        bytes[0] = Version;
        bytes[OrderAt] = (byte)Order;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(TimestampAt), Place.Timestamp.Ticks);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(PartitionAt), Place.Partition);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(LogAt), Place.Log);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(OffsetAt), Place.Offset);
        return Base64Url.EncodeToString(bytes);
    }
}
