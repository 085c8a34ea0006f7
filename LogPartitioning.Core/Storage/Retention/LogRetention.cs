using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>Drops what is older than the settings say, as <see cref="RetentionPlanner"/> tells it.</summary>
/// <param name="database">The database.</param>
/// <param name="options">How long what is kept.</param>
/// <param name="planner">Tells what goes.</param>
/// <param name="runs">Where a run is noted.</param>
/// <param name="metrics">Where it is counted.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="logger">Where runs, and what is in their way, are told.</param>
public sealed partial class LogRetention(
    NpgsqlDataSource database, StoreOptions options, RetentionPlanner planner, RetentionRuns runs, RetentionMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>Rows that one statement deletes.</summary>
    internal const int Batch = 10_000;

    // A statement may take a lock's 2 s; a slow disk more.
    private const int Timeout = 120;

    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);

    /// <summary>Whether a run by these settings got to its end within this time.</summary>
    public async Task<bool> HasRunWithinAsync(TimeSpan past, CancellationToken cancellationToken) =>
        await runs.ListAsync(1, cancellationToken) is [{ Error: null } last]
        && last.Settings == options.RetentionInWords()
        && last.StartedAt > time.GetUtcNow() - past;

    /// <summary>Drops what is old. The caller has the turn.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses; what went until then is gone, and noted.</exception>
    public async Task<RetentionRun> RunAsync(RetentionTurn turn, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var started = time.GetUtcNow();
        var freed = new RetentionFreed(0, 0, 0, 0);
        try
        {
            var plan = await planner.ReadAsync(cancellationToken);
            foreach (var item in plan.Items)
            {
                await DropAsync(item, (rows, bytes) =>
                {
                    metrics.Freed(new RetentionFreed(0, 0, 0, 0).And(item, rows, bytes));
                    freed = freed.And(item, rows, bytes);
                }, cancellationToken);
            }
        }
        catch (NpgsqlException e)
        {
            metrics.Ended(completed: false);
            await NoteAsync(Run(LogStoreFailure.InWords(e)), cancellationToken);
            throw;
        }

        metrics.Ended(completed: true);
        var run = Run(null);
        if (freed.Events + freed.Ids + freed.Days > 0)
        {
            LogFreed(freed.Days, freed.Events, freed.Ids, freed.Bytes, (run.EndedAt - started).TotalSeconds, run.Settings);
        }

        await runs.AddAsync(run, cancellationToken);
        return run;

        RetentionRun Run(string? error) => new(started, time.GetUtcNow(), by, options.RetentionInWords(), freed, error);
    }

    private async Task NoteAsync(RetentionRun run, CancellationToken cancellationToken)
    {
        try
        {
            await runs.AddAsync(run, cancellationToken);
        }
        catch (NpgsqlException)
        {
            // What it would say the log says.
        }
    }

    private async Task DropAsync(RetentionItem item, Action<long, long> went, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (rows, bytes) = await StepAsync(item, cancellationToken);
            went(rows, bytes);
            if (item.Kind is RetentionKind.Day or RetentionKind.IdsOfDay || rows < Batch)
            {
                return;
            }
        }
    }

    /// <summary>One statement, tried until nobody is in its way.</summary>
    private async Task<(long Rows, long Bytes)> StepAsync(RetentionItem item, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(s_firstWait, s_longestWait);
        var told = new ConcurrentDictionary<int, bool>();
        while (true)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                await using var watch = await LockWatch.StartAsync(database, connection, transaction, time, Tell, cancellationToken);
                (long, long) freed;
                await using (var command = Command(item))
                {
                    (command.Connection, command.Transaction, command.CommandTimeout) = (connection, transaction, Timeout);
                    await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                    await reader.ReadAsync(cancellationToken);
                    freed = (reader.GetInt64(0), reader.GetInt64(1));
                }

                await transaction.CommitAsync(cancellationToken);
                return freed;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                var wait = backoff.Next();
                if (backoff.Attempts == 1)
                {
                    LogWaits(item.Kind, item.Day);
                }

                await Task.Delay(wait, time, cancellationToken);
            }
        }

        void Tell(BlockingSession session)
        {
            if (told.TryAdd(session.Pid, true))
            {
                LogBlocked(session);
            }
        }
    }

    private static NpgsqlCommand Command(RetentionItem item)
    {
        switch (item.Kind)
        {
            case RetentionKind.Day:
                return With(new("SELECT events, bytes FROM drop_log_day($1)"), Day(item.Day));
            case RetentionKind.IdsOfDay:
                return With(new("SELECT ids, bytes FROM drop_log_ids($1, $2)"), Day(item.Day), Day(item.Before));
            case RetentionKind.Ids:
                return With(new("SELECT ids, bytes FROM delete_log_ids($1, $2)"), Day(item.Before), new NpgsqlParameter<int> { TypedValue = Batch });
            default:
                return With(
                    new("SELECT events, bytes FROM delete_log_events($1, $2, $3, $4)"),
                    Day(item.Day),
                    new NpgsqlParameter<DateTime> { TypedValue = RetentionPlanner.Midnight(item.Before) },
                    new() { Value = (object?)(int?)item.Level ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer },
                    new NpgsqlParameter<int> { TypedValue = Batch });
        }

        static NpgsqlParameter Day(DateOnly? day) => new() { Value = (object?)day ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Date };

        static NpgsqlCommand With(NpgsqlCommand command, params NpgsqlParameter[] parameters)
        {
            command.Parameters.AddRange(parameters);
            return command;
        }
    }

    [LoggerMessage(2430, LogLevel.Information, "Retention dropped {Days} days, {Events} events and {Ids} ids, about {Bytes} bytes, in {Seconds:0.0} s ({Settings})")]
    private partial void LogFreed(int days, long events, long ids, long bytes, double seconds, string settings);

    [LoggerMessage(2431, LogLevel.Warning, "Retention waits for a lock at the log store ({Kind} of {Day}), and tries again. Nothing is lost by it.")]
    private partial void LogWaits(RetentionKind kind, DateOnly? day);

    [LoggerMessage(2432, LogLevel.Warning, "Retention waits for a lock at the log store, held by {Session}")]
    private partial void LogBlocked(BlockingSession session);
}
