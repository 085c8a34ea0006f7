using System.Collections.Concurrent;
using System.Diagnostics;

namespace LogPartitioning.Tests;

/// <summary>
/// Records the spans of some sources and keeps those that end. Whatever else runs in this process is recorded too: a test
/// looks for what is its own.
/// </summary>
internal sealed class Spans : IDisposable
{
    private static readonly string[] MessagingTags =
        ["messaging.system", "messaging.operation.name", "messaging.operation.type", "messaging.destination.name", "messaging.batch.message_count"];

    private readonly ConcurrentQueue<Activity> _ended = new();
    private readonly ActivityListener _listener;

    public Spans(params string[] sources)
    {
        _listener = new()
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Ended => [.. _ended];

    /// <summary>A context as somebody's request has it.</summary>
    public static ActivityContext NewContext(bool recorded = true) =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), recorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None);

    /// <summary>The header for a context.</summary>
    public static string TraceParentOf(ActivityContext context) =>
        $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    /// <summary>System, operation (twice), topic and number of records.</summary>
    public static IEnumerable<object?> MessagingOf(Activity span) => MessagingTags.Select(span.GetTagItem);

    public void Dispose() => _listener.Dispose();
}
