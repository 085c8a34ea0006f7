namespace LogPartitioning.LoadTest.Auditing;

/// <summary>An event as the store holds it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Partition">The partition of its record.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="Hash">The stored message's <see cref="Ledgers.LedgerEntry.MessageHash"/>.</param>
/// <param name="Run">The run that sent it, where it carries one.</param>
/// <param name="Sequence">Its place among the run's events of its source, where it carries one.</param>
/// <param name="Key">Its record key, where the reader tells it.</param>
/// <param name="StoredAt">When the transaction that wrote it began, where the reader tells it.</param>
public sealed record StoredEvent(
    Guid Id, string Source, int Partition, long Offset, string Hash,
    Guid? Run = null, long? Sequence = null, string? Key = null, DateTimeOffset? StoredAt = null);

/// <summary>How a source is keyed now.</summary>
/// <param name="Partitions">Partitions of the topic; null where the reader cannot tell.</param>
/// <param name="Keys">The source's keys: itself alone, or several when it is split.</param>
/// <param name="KeyPartitions">The partition of each key, as answered by the system; null where the reader does not ask it.</param>
public sealed record SourceKeys(
    int? Partitions, IReadOnlyList<string> Keys, IReadOnlyDictionary<string, int>? KeyPartitions = null);
