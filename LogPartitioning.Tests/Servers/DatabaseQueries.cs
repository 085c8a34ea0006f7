using System.Globalization;
using Npgsql;

namespace LogPartitioning.Tests.Servers;

/// <summary>What a test asks a database.</summary>
internal static class DatabaseQueries
{
    /// <summary>The offsets of a partition that are stored.</summary>
    public static async Task<IReadOnlyList<long>> OffsetsAsync(this NpgsqlDataSource database, int partition)
    {
        await using var command = database.CreateCommand("""SELECT "offset" FROM log_events WHERE partition = $1 ORDER BY "offset" """);
        command.Parameters.Add(new() { Value = partition });
        await using var reader = await command.ExecuteReaderAsync();
        var offsets = new List<long>();
        while (await reader.ReadAsync())
        {
            offsets.Add(reader.GetInt64(0));
        }
        return offsets;
    }

    public static async Task ExecuteAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task<long> CountAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
