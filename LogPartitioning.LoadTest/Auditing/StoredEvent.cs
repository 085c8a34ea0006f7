using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Auditing;

/// <summary>An event as the store holds it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Partition">The partition of its record.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="Hash">The stored message's <see cref="LedgerEntry.MessageHash"/>.</param>
/// <param name="Run">The run that sent it, where it carries one.</param>
/// <param name="Sequence">Its place among the run's events of its source, where it carries one.</param>
/// <param name="Key">Its record key, where the reader tells it.</param>
/// <param name="StoredAt">When the transaction that wrote it began, where the reader tells it.</param>
internal sealed record StoredEvent(
    Guid Id, string Source, int Partition, long Offset, string Hash,
    Guid? Run = null, long? Sequence = null, string? Key = null, DateTimeOffset? StoredAt = null)
{
    /// <summary>The run that an event's attribute names, if it names one.</summary>
    public static Guid? ReadRun(string? attribute) => Guid.TryParse(attribute, out var run) ? run : null;

    /// <summary>The sequence that an event's attribute holds, if it holds one.</summary>
    public static long? ReadSequence(string? attribute) => long.TryParse(attribute, out var sequence) ? sequence : null;
}

/// <summary>How a source is keyed now.</summary>
/// <param name="Partitions">Partitions of the topic; null where the reader cannot tell.</param>
/// <param name="Split">The source has several keys.</param>
internal sealed record SourceKeys(int? Partitions, bool Split);
