using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>What a worker needs of the store: <see cref="LogStore"/>, or in tests a store without a database.</summary>
internal interface IPartitionStore
{
    /// <summary>
    /// Claims partitions in one statement: raises each one's epoch, writes the owner, and reads where to start. From then
    /// on no earlier owner can write them. A partition nobody has claimed before starts at 0. One whose position is of
    /// another topic than the brokers have now is halted in the same statement.
    /// </summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="owner">Who claims.</param>
    /// <param name="topicId">The topic that the brokers have now; null where they have no such ids.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="NpgsqlException">The database does not answer or refuses; nothing is claimed, or it is unknown. Claim again.</exception>
    Task<IReadOnlyList<PartitionClaim>> ClaimAsync(IReadOnlyCollection<int> partitions, string owner, string? topicId, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the events of several partitions and moves their positions, in one transaction. Safe to call again with the
    /// same batch after any exception, and with the rest of the batch after an outcome that is not committed.
    /// </summary>
    /// <exception cref="NpgsqlException">Nothing was written, or it is unknown; see <see cref="StoreFailure.Classify"/>.</exception>
    Task<BatchOutcome> WriteAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken);

    /// <summary>Puts on record that a partition is halted, so that it stays so whoever claims it next. Nothing when another has claimed it.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    Task HaltAsync(int partition, long epoch, PartitionHalt halt, CancellationToken cancellationToken);

    /// <summary>Which owner, epoch and position the partitions have on record now.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    Task<IReadOnlyList<FencedPartition>> StandingAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken);

    /// <summary>Connections that are open now are not used again. A session keeps what it was told when it began, such as to be read-only.</summary>
    void RenewConnections();

    /// <summary>Which of the partitions no longer stand as halted.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    Task<IReadOnlySet<int>> ReleasedAsync(IReadOnlyCollection<int> partitions, CancellationToken cancellationToken);
}
