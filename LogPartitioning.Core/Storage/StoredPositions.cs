using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>Where a group stands, by the table <c>consumer_offsets</c>.</summary>
public static class StoredPositions
{
    /// <summary>Reads the position of every partition that was ever claimed: the offset of the next record to store.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public static async Task<IReadOnlyDictionary<int, long>> ReadAsync(NpgsqlDataSource database, string group, string topic, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        await using var command = database.CreateCommand("SELECT partition, next_offset FROM consumer_offsets WHERE group_id = $1 AND topic = $2");
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var positions = new Dictionary<int, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            positions.Add(reader.GetInt32(0), reader.GetInt64(1));
        }
        return positions;
    }
}
