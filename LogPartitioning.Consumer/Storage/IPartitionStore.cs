using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>What a worker needs of the store: <see cref="LogStore"/>, or in tests a store without a database.</summary>
internal interface IPartitionStore
{
    /// <summary>
    /// Claims partitions in one statement: raises each one's epoch, writes the owner, and reads where to start. From then
    /// on no earlier owner can write them. A partition nobody has claimed before starts at 0.
    /// </summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses; nothing is claimed, or it is unknown. Claim again.</exception>
    Task<IReadOnlyList<PartitionClaim>> ClaimAsync(IReadOnlyCollection<int> partitions, string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the events of several partitions and moves their positions, in one transaction. Safe to call again with the
    /// same batch after any exception, and with the rest of the batch after an outcome that is not committed.
    /// </summary>
    /// <exception cref="NpgsqlException">Nothing was written, or it is unknown; see <see cref="StoreFailure.Classify"/>.</exception>
    Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken);
}
