using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// The record header that says that the event's timestamp is its sender's. Without it the timestamp may be the time of receipt, which
/// is another one when a client sends the same event again.
/// </summary>
public static class SentTimestamp
{
    private const string Name = "timestamp";
    private static readonly byte[] s_sent = "sent"u8.ToArray();

    /// <summary>Adds the header.</summary>
    public static void Add(Headers headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        headers.Add(Name, s_sent);
    }

    /// <summary>Whether a record has the header.</summary>
    public static bool IsIn(Headers? headers) => headers is not null && headers.TryGetLastBytes(Name, out var value) && value.AsSpan().SequenceEqual(s_sent);
}
