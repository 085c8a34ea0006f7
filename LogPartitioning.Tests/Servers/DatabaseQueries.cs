using System.Globalization;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace LogPartitioning.Tests.Servers;

/// <summary>What a test asks a database. The values take the places of <c>$1</c> and so on.</summary>
internal static class DatabaseQueries
{
    /// <summary>Makes the tables where they are missing, as a service that starts does.</summary>
    public static Task MakeSchemaAsync(this NpgsqlDataSource database) =>
        new LogStoreSchema(database, null, Migration.All, TimeProvider.System, NullLogger.Instance).EnsureAsync(CancellationToken.None);

    /// <summary>The offsets of a partition that are stored.</summary>
    public static Task<IReadOnlyList<long>> OffsetsAsync(this NpgsqlDataSource database, int partition) =>
        database.ListAsync<long>("""SELECT "offset" FROM log_events WHERE partition = $1 ORDER BY "offset" """, partition);

    /// <summary>The first column of every row.</summary>
    public static async Task<IReadOnlyList<T>> ListAsync<T>(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetFieldValue<T>(0));
        }

        return rows;
    }

    /// <summary>The one number that a query gives.</summary>
    public static async Task<long> CountAsync(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.Command(sql, values);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public static async Task ExecuteAsync(this NpgsqlDataSource database, string sql)
    {
        await using var command = database.Command(sql, []);
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        return command;
    }
}
