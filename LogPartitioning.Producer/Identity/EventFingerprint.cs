using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Identity;

/// <summary>What an event says, in 16 bytes: two events with one id and one fingerprint are one event that was sent twice.</summary>
internal static class EventFingerprint
{
    /// <summary>What stands for a time of receipt, which says nothing.</summary>
    private static readonly DateTimeOffset s_epoch = DateTimeOffset.UnixEpoch;
    private static readonly byte[] s_noTime = Encoding.ASCII.GetBytes(Rfc3339.Format(s_epoch));

    /// <param name="logEvent">The event.</param>
    /// <param name="sent">What its client has sent of it. A timestamp that is the time of receipt says nothing.</param>
    public static UInt128 Of(LogEvent logEvent, SentFields sent)
    {
        var said = logEvent with
        {
            Timestamp = sent.HasFlag(SentFields.Timestamp) ? logEvent.Timestamp : s_epoch,
            Attributes = logEvent.Attributes is { } attributes ? Sorted(attributes) : null,
        };
        return Hash(LogEventJson.Serialize(said));
    }

    /// <summary>The same of an event that was read into its record: from the bytes of that, where they have the order that counts.</summary>
    public static UInt128 Of(in PlainRecord record)
    {
        if (!record.IsSorted)
        {
            return LogEventJson.TryParseRecord(record.Value, out var logEvent, out var problem)
                ? Of(logEvent, record.Sent)
                : throw new InvalidOperationException($"A record that was made here cannot be read: {problem}.");
        }

        if (record.Sent.HasFlag(SentFields.Timestamp))
        {
            return Hash(record.Value);
        }

        var value = record.Value.AsSpan();
        var (start, length) = record.Timestamp.GetOffsetAndLength(value.Length);
        var rented = ArrayPool<byte>.Shared.Rent(value.Length + s_noTime.Length);
        value[..start].CopyTo(rented);
        s_noTime.CopyTo(rented, start);
        value[(start + length)..].CopyTo(rented.AsSpan(start + s_noTime.Length));
        var hash = Hash(rented.AsSpan(0, value.Length - length + s_noTime.Length));
        ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>By name: the order of an object's members says nothing, and a client may make another one each time.</summary>
    private static string Sorted(string attributes)
    {
        using var document = JsonDocument.Parse(attributes);
        return string.Join(',', document.RootElement.EnumerateObject()
            .OrderBy(attribute => attribute.Name, StringComparer.Ordinal)
            .Select(attribute => $"{JsonSerializer.Serialize(attribute.Name)}:{attribute.Value.GetRawText()}")) is { Length: > 0 } members ? $"{{{members}}}" : "{}";
    }
}
