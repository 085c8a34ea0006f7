using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Consumer.Storage;

/// <summary>Events and batches for storage tests.</summary>
internal static class StoredEvents
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    public static LogEvent Event(
        string source = "checkout", string message = "hello", Severity level = Severity.Information, DateTimeOffset? at = null, string? attributes = null) =>
        new(Guid.CreateVersion7(), source, level, message, at ?? Start, attributes);

    public static LogRecord Record(long offset, LogEvent? logEvent = null)
    {
        var e = logEvent ?? Event(message: $"at {offset}", at: Start.AddSeconds(offset));
        return new(offset, e.Source, e);
    }

    public static PartitionBatch Batch(PartitionClaim claim, long start, params LogRecord[] records) =>
        new(claim.Partition, claim.Epoch, start, records[^1].Offset + 1, records);

    /// <summary>A batch of consecutive offsets.</summary>
    public static PartitionBatch Batch(PartitionClaim claim, long start, int count) =>
        Batch(claim, start, [.. Enumerable.Range(0, count).Select(i => Record(start + i))]);

    public static async Task<PartitionClaim> ClaimAsync(this LogStore store, int partition, string owner = "a", string? topicId = null) =>
        Assert.Single(await store.ClaimAsync([partition], owner, topicId, CancellationToken.None));

    public static Task<BatchOutcome> WriteAsync(this LogStore store, params PartitionBatch[] batches) =>
        store.WriteAsync(batches, CancellationToken.None);
}
