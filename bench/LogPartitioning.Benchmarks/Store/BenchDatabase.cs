using Npgsql;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>The server of a bench, whose stores are schemas of one database.</summary>
internal static class BenchDatabase
{
    /// <summary>The connection string is in <c>BENCH_POSTGRES</c>.</summary>
    public static NpgsqlDataSource Open(string? schema = null)
    {
        var connection = Environment.GetEnvironmentVariable("BENCH_POSTGRES")
            ?? throw new InvalidOperationException("Set BENCH_POSTGRES to a PostgreSQL connection string.");
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection) { SearchPath = schema, CommandTimeout = 0 });
    }

    public static async Task ExecuteAsync(this NpgsqlDataSource database, string sql, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.AddWithValue(value);
        }

        await command.ExecuteNonQueryAsync();
    }
}
