using System.Diagnostics;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>The span of what one request sends: from the first event to the last acknowledgement.</summary>
internal static class SendSpan
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "LogPartitioning.Producer";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Begins the span; null when nobody records.</summary>
    public static Activity? Start(string topic, int events)
    {
        var span = Source.StartActivity($"send {topic}", ActivityKind.Producer);
        if (span is { IsAllDataRequested: true })
        {
            span.SetMessaging("send", topic, events);
        }

        return span;
    }

    /// <summary>Notes what became of the events.</summary>
    public static void Set(Activity? span, IReadOnlyList<DeliveryOutcome> outcomes)
    {
        if (span is not { IsAllDataRequested: true })
        {
            return;
        }

        var places = new SortedDictionary<int, (long First, long Last)>();
        DeliveryOutcome? failed = null;
        var failures = 0;
        foreach (var outcome in outcomes)
        {
            if (!outcome.IsAcknowledged)
            {
                failed ??= outcome;
                failures++;
                continue;
            }

            places[outcome.Partition] = places.TryGetValue(outcome.Partition, out var place)
                ? (Math.Min(place.First, outcome.Offset), Math.Max(place.Last, outcome.Offset))
                : (outcome.Offset, outcome.Offset);
        }

        span.SetPlaces([.. places.Select(place => (place.Key, place.Value.First, place.Value.Last))]);
        if (failed is not null)
        {
            span.SetTag("logpartitioning.not_acknowledged", failures);
            span.SetStatus(ActivityStatusCode.Error, failed.Error);
        }
    }
}
