using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Identity;

/// <summary>What an event says, in 16 bytes: two events with one id and one fingerprint are one event that was sent twice.</summary>
internal static class EventFingerprint
{
    /// <param name="logEvent">The event.</param>
    /// <param name="sent">What its client has sent of it. A timestamp that is the time of receipt says nothing.</param>
    public static UInt128 Of(LogEvent logEvent, SentFields sent)
    {
        var said = logEvent with
        {
            Timestamp = sent.HasFlag(SentFields.Timestamp) ? logEvent.Timestamp : DateTimeOffset.UnixEpoch,
            Attributes = logEvent.Attributes is { } attributes ? Sorted(attributes) : null,
        };
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(LogEventJson.Serialize(said), hash);
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
