namespace LogPartitioning.Consumer.Storage;

/// <summary>A partition whose batch was refused, because the store holds another epoch or another position.</summary>
/// <param name="Partition">The partition's number.</param>
/// <param name="Owner">Who holds the partition now; null when its row is gone.</param>
/// <param name="Epoch">The epoch that stands in the store; null when the row is gone.</param>
/// <param name="NextOffset">The position that stands in the store; null when the row is gone.</param>
internal sealed record FencedPartition(int Partition, string? Owner, long? Epoch, long? NextOffset);

/// <summary>An event that must not be left out as a retry: its id is stored, and it says something else.</summary>
/// <param name="Partition">The partition of its record.</param>
/// <param name="Offset">The offset of its record.</param>
/// <param name="Detail">What differs, and where the stored event is.</param>
internal sealed record IdConflict(int Partition, long Offset, string Detail);

/// <summary>What became of one call of <see cref="LogStore.WriteAsync"/>. Either everything was written, or nothing.</summary>
internal sealed record BatchOutcome
{
    /// <summary>Everything is stored and the positions have moved.</summary>
    public bool Committed => Fenced.Count == 0 && AlreadyApplied.Count == 0 && Conflicts.Count == 0;

    /// <summary>Events stored by this call, of each partition of the batch.</summary>
    public IReadOnlyDictionary<int, int> Stored { get; init; } = new Dictionary<int, int>();

    /// <summary>Events left out because an event with the same id is stored already.</summary>
    public int Duplicates { get; init; }

    /// <summary>Events that must be set aside first. Nothing of the whole call was written: write the rest again.</summary>
    public IReadOnlyList<IdConflict> Conflicts { get; init; } = [];

    /// <summary>When the batch was written, by the clock of the database.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Partitions that belong to somebody else now. Nothing of the whole call was written: drop them and write the rest again.</summary>
    public IReadOnlyList<FencedPartition> Fenced { get; init; } = [];

    /// <summary>
    /// Partitions that stand at the end of their batch already: an earlier call with the same batch did commit, and
    /// only its answer was lost. Nothing of this call was written: count them as done and write the rest again.
    /// </summary>
    public IReadOnlyList<int> AlreadyApplied { get; init; } = [];
}
