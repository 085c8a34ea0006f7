using LogPartitioning.Gateway.Query;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>A page as the gateway read it before events lay by days: <c>bench/store/before/page.sql</c>.</summary>
internal sealed class PageBefore(NpgsqlDataSource database)
{
    private static readonly string s_statement = File.ReadAllText("bench/store/before/page.sql");

    /// <exception cref="TimeoutException">It took longer than the gateway lets it.</exception>
    public async Task<int> RunAsync(LogFilter filter)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await using (var limit = new NpgsqlCommand("SELECT set_config('statement_timeout', '10000', true)", connection, transaction))
            {
                await limit.ExecuteNonQueryAsync();
            }

            await using var command = new NpgsqlCommand { Connection = connection };
            var parameters = new FilterParameters(command);
            parameters.Add(Array.Empty<int>(), NpgsqlDbType.Array | NpgsqlDbType.Integer);
            parameters.Add(Array.Empty<short>(), NpgsqlDbType.Array | NpgsqlDbType.Smallint);
            parameters.Add(Array.Empty<long>(), NpgsqlDbType.Array | NpgsqlDbType.Bigint);
            parameters.Add(filter.Limit + 1, NpgsqlDbType.Integer);
            parameters.Add(LogQuery.MaxPageBytes, NpgsqlDbType.Integer);
            command.CommandText = s_statement.Replace("/* and the filter */", parameters.Conditions(filter), StringComparison.Ordinal);
            await using var reader = await command.ExecuteReaderAsync();
            var rows = 0;
            while (await reader.ReadAsync())
            {
                rows++;
            }

            return rows;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.QueryCanceled)
        {
            throw new TimeoutException(null, e);
        }
    }
}
