namespace LogPartitioning.LoadTest.Auditing;

/// <summary>Reads what the store holds.</summary>
internal interface IStoredEvents
{
    /// <summary>The stored events of a source in the order in which the store gives them.</summary>
    IAsyncEnumerable<StoredEvent> ReadAsync(string source, CancellationToken cancellationToken);

    /// <summary>
    /// For each partition the offset of the next record to be stored: all before it are stored. May be late, never
    /// early. Empty where it cannot be told.
    /// </summary>
    Task<IReadOnlyDictionary<int, long>> ReadNextOffsetsAsync(CancellationToken cancellationToken);

    /// <summary>How a source is keyed.</summary>
    Task<SourceKeys> ReadKeysAsync(string source, CancellationToken cancellationToken);
}
