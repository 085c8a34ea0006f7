using System.Diagnostics;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Consumer.Writing;

/// <summary>
/// The spans of a batch: a trace of its own, linked to the spans that sent its records. It cannot be part of their traces,
/// since a batch holds records of many requests.
/// </summary>
/// <param name="topic">The topic.</param>
/// <param name="group">The consumer group.</param>
/// <param name="worker">The worker, <c>instance/number</c>.</param>
internal sealed class BatchSpan(string topic, string group, string worker)
{
    /// <summary>A batch of many small requests is linked to the first ones of them; more links than this nobody reads.</summary>
    public const int MaxLinks = 32;

    private readonly string _name = $"process {topic}";

    /// <summary>Begins the span of a batch.</summary>
    /// <returns>Null when nobody records, or no record was sent in a recorded trace.</returns>
    public Activity? StartBatch(Batch batch)
    {
        if (!ConsumerTraces.Source.HasListeners() || LinksOf(batch) is not { Count: > 0 } links)
        {
            return null;
        }

        var span = ConsumerTraces.Source.StartActivity(ActivityKind.Consumer, links: links, name: _name);
        if (span is { IsAllDataRequested: true })
        {
            span.SetMessaging("process", topic, batch.Records);
            span.SetTag(MessagingTags.Group, group);
            span.SetTag(MessagingTags.ClientId, worker);
            span.SetPlaces([.. batch.Slices.Select(slice => (slice.Partition.Partition, slice.Records[0].Offset, slice.Records[^1].Offset))]);
        }

        return span;
    }

    /// <summary>Begins the span of one attempt to write within the span of the batch; null when that has none.</summary>
    public static Activity? StartStore() => Activity.Current is null ? null : ConsumerTraces.Source.StartActivity("store batch");

    /// <summary>Notes how an attempt ended.</summary>
    public static void Set(Activity? store, BatchOutcome outcome)
    {
        if (store is not { IsAllDataRequested: true })
        {
            return;
        }

        store.SetTag("logpartitioning.stored", outcome.Stored.Values.Sum());
        store.SetTag("logpartitioning.duplicates", outcome.Duplicates);
        if (outcome.Fenced.Count > 0)
        {
            store.SetStatus(ActivityStatusCode.Error, $"Another owner has claimed {string.Join(", ", outcome.Fenced.Select(fenced => fenced.Partition))}.");
        }
    }

    private static List<ActivityLink> LinksOf(Batch batch)
    {
        var links = new List<ActivityLink>();
        var seen = new List<byte[]>();
        byte[]? last = null;
        foreach (var slice in batch.Slices)
        {
            foreach (var record in slice.Records)
            {
                // Records of one request follow one another and share the bytes, so few of them get past this line.
                if (record.TraceParent is not { } traceParent || ReferenceEquals(traceParent, last))
                {
                    continue;
                }

                last = traceParent;
                if (seen.Exists(known => known.AsSpan().SequenceEqual(traceParent)))
                {
                    continue;
                }

                // Those of which nobody records the trace count too: the search has an end whatever the headers hold.
                seen.Add(traceParent);
                if (TraceHeader.TryReadRecorded(traceParent, out var context))
                {
                    links.Add(new(context));
                }

                if (links.Count == MaxLinks || seen.Count == 8 * MaxLinks)
                {
                    return links;
                }
            }
        }

        return links;
    }
}
