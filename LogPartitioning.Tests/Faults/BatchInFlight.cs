using LogPartitioning.Tests.Servers;
using Npgsql;

namespace LogPartitioning.Tests.Faults;

/// <summary>
/// Holds every batch in the middle: its transaction has moved the positions and waits with its events. A fault that is
/// done meanwhile is sure to hit one.
/// </summary>
internal sealed class BatchInFlight : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private BatchInFlight(NpgsqlConnection connection, NpgsqlTransaction transaction)
    {
        _connection = connection;
        _transaction = transaction;
    }

    /// <summary>Holds them, and returns when at least <paramref name="transactions"/> of them wait.</summary>
    public static Task<BatchInFlight> HoldAsync(NpgsqlDataSource logs, int transactions) => HoldAsync(
        logs, $"{transactions} batches in flight", _ => WaitingAsync(logs), waiting => waiting >= transactions);

    /// <summary>Holds them, and returns when a consumer instance has one among them.</summary>
    public static Task<BatchInFlight> HoldAsync(NpgsqlDataSource logs, string instance) => HoldAsync(
        logs, $"a batch of {instance} in flight", _ => MovedByAsync(logs, instance), moved => moved > 0);

    private static async Task<BatchInFlight> HoldAsync(
        NpgsqlDataSource logs, string what, Func<CancellationToken, Task<long>> look, Func<long, bool> expected)
    {
        var connection = await logs.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        var held = new BatchInFlight(connection, transaction);
        try
        {
            // Reads go on; inserts wait.
            await using var command = new NpgsqlCommand("LOCK TABLE log_events IN SHARE MODE", connection, transaction);
            await command.ExecuteNonQueryAsync();
            await Eventually.SeesAsync(what, look, expected, Patience);
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets them go on.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }

    /// <summary>Positions of an instance's partitions that a transaction has moved and not committed: their rows are locked.</summary>
    private static Task<long> MovedByAsync(NpgsqlDataSource logs, string instance) => logs.CountAsync(
        """
        WITH free AS (SELECT partition FROM consumer_offsets WHERE starts_with(owner, $1) FOR UPDATE SKIP LOCKED)
        SELECT (SELECT count(*) FROM consumer_offsets WHERE starts_with(owner, $1)) - (SELECT count(*) FROM free)
        """,
        $"{instance}/");

    private static Task<long> WaitingAsync(NpgsqlDataSource logs) =>
        logs.CountAsync("SELECT count(*) FROM pg_locks WHERE relation = 'log_events'::regclass AND NOT granted");
}
