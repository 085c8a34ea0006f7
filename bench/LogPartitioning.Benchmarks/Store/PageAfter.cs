using LogPartitioning.Gateway.Query;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Benchmarks.Store;

/// <summary>
/// A page of the present schema by the least statement that gives one: the next events after a place, which is what the gateway's own
/// reading can be held against.
/// </summary>
internal sealed class PageAfter(NpgsqlDataSource database)
{
    public async Task<int> RunAsync(LogFilter filter)
    {
        await using var command = database.CreateCommand();
        var parameters = new FilterParameters(command);
        // The literal is what the partial index of errors is found by.
        var conditions = parameters.Conditions(filter with { MinLevel = null }) + (filter.MinLevel is { } level ? $" AND level >= {(short)level}" : "");
        command.CommandText = $"""
            SELECT partition, "offset", id, source, key, level, message, timestamp, attributes, stored_at, log FROM log_events
            WHERE true{conditions} ORDER BY timestamp, partition, log, "offset" LIMIT {parameters.Add(filter.Limit + 1, NpgsqlDbType.Integer)}
            """;
        await using var reader = await command.ExecuteReaderAsync();
        var rows = 0;
        while (await reader.ReadAsync())
        {
            rows++;
        }

        return rows;
    }
}
