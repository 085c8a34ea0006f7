using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// The record header that names the trace in which a record was sent, in the form of W3C Trace Context
/// (https://www.w3.org/TR/trace-context/#traceparent-header).
/// </summary>
public static class TraceHeader
{
    /// <summary>The name of the header.</summary>
    public const string Name = "traceparent";

    /// <summary>Of version 00: <c>00-{32 digits}-{16 digits}-{2 digits}</c>.</summary>
    private const int Length = 55;

    /// <summary>Adds the context of an activity that somebody records; nothing of another, which nobody could look up.</summary>
    public static void Add(Headers headers, Activity? activity)
    {
        ArgumentNullException.ThrowIfNull(headers);
        if (activity is { Recorded: true, IdFormat: ActivityIdFormat.W3C, Id: { } id })
        {
            headers.Add(Name, Encoding.ASCII.GetBytes(id));
        }
    }

    /// <summary>The bytes of the header; null when a record has none, or one so long or short that it is no context: whoever keeps
    /// it does not count its bytes. Copies nothing.</summary>
    public static byte[]? Find(Headers? headers) =>
        headers is not null && headers.TryGetLastBytes(Name, out var value) && value is { Length: Length } ? value : null;

    /// <summary>Reads a context that somebody records. Anybody can write a header, so it may be anything.</summary>
    /// <returns>False when the bytes are no context, or one that nobody records.</returns>
    public static bool TryReadRecorded(byte[] value, out ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context = default;
        return value.Length == Length
            && ActivityContext.TryParse(Encoding.ASCII.GetString(value), null, isRemote: true, out context)
            && context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
    }
}
