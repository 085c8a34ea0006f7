using System.Collections.Concurrent;
using System.Data;
using System.Globalization;
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

    /// <summary>Items that did not go, one by one in the log and in a run's error; of the others the number is told.</summary>
    internal const int MostTold = 10;

    // A statement may take a lock's 2 s; a slow disk more.
    private const int Timeout = 120;

    // Each attempt to drop holds writers up for as long as it waits for its lock, which a backup keeps for an hour.
    private static readonly TimeSpan s_firstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(2);

    // A drop gives up after 200 ms.
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(0.05);

    /// <summary>Whether a run by these settings got to its end within this time.</summary>
    public async Task<bool> HasRunWithinAsync(TimeSpan past, CancellationToken cancellationToken) =>
        await runs.ListAsync(1, cancellationToken) is [{ Error: null } last]
        && last.Settings == options.RetentionInWords()
        && time.GetUtcNow() - last.StartedAt is var ago
        // A clock that was set back must not keep retention from running until it is there again.
        && ago >= TimeSpan.Zero && ago < past;

    /// <summary>Drops what is old. The caller has the turn. What does not go keeps nothing else from going, and stands in the run's error.</summary>
    /// <exception cref="NpgsqlException">The database does not answer; what went until then is gone, and noted.</exception>
    public async Task<RetentionRun> RunAsync(RetentionTurn turn, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var started = time.GetUtcNow();
        var freed = new RetentionFreed(0, 0, 0, 0);
        var failures = new List<string>();
        try
        {
            var plan = await planner.ReadAsync(cancellationToken);
            foreach (var item in plan.Items)
            {
                try
                {
                    await DropAsync(item, (rows, bytes) =>
                    {
                        metrics.Freed(new RetentionFreed(0, 0, 0, 0).And(item, rows, bytes));
                        freed = freed.And(item, rows, bytes);
                    }, cancellationToken);
                }
                catch (Exception e) when (IsOfOneItem(e))
                {
                    failures.Add($"{Named(item)}: {InWords(e)}");
                    if (failures.Count <= MostTold)
                    {
                        LogStays(e, item.Kind, item.Day);
                    }
                }
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            failures.Insert(0, InWords(e));
            metrics.Ended(completed: false);
            await NoteAsync(Run(All(failures)), cancellationToken);
            throw;
        }

        metrics.Ended(completed: failures.Count == 0);
        var run = Run(failures.Count == 0 ? null : All(failures));
        if (freed.Events + freed.Ids + freed.Days > 0)
        {
            LogFreed(freed.Days, freed.Events, freed.Ids, freed.Bytes, (run.EndedAt - started).TotalSeconds, run.Settings);
        }

        await runs.AddAsync(run, cancellationToken);
        return run;

        RetentionRun Run(string? error) => new(started, time.GetUtcNow(), by, options.RetentionInWords(), freed, error);
    }

    /// <summary>Whether another item may go all the same; not where the database is not there.</summary>
    private static bool IsOfOneItem(Exception failure) => failure switch
    {
        PostgresException refused => !refused.SqlState.StartsWith("57P", StringComparison.Ordinal) && !refused.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException { InnerException: TimeoutException } => !LogStoreFailure.IsPoolEmpty(failure),
        NpgsqlException or OperationCanceledException => false,
        _ => true,
    };

    private static string Named(RetentionItem item) => string.Create(
        CultureInfo.InvariantCulture, $"{item.Kind} {(item.Day is { } day ? $"of {day:yyyy-MM-dd}" : "beside the days")}{(item.Level is { } level ? $" at {level}" : "")}");

    private static string InWords(Exception failure) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.DependentObjectsStillExist } => "something else at the database depends on it, as a view does (SQLSTATE 2BP01)",
        NpgsqlException or TimeoutException or OperationCanceledException => LogStoreFailure.InWords(failure),
        _ => "an error of the service, which its log tells",
    };

    private static string All(List<string> failures) =>
        string.Join("; ", failures.Take(MostTold)) + (failures.Count > MostTold ? string.Create(CultureInfo.InvariantCulture, $"; and {failures.Count - MostTold} more") : "");

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
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
                await using var watch = await LockWatch.StartAsync(database, connection, transaction, time, Tell, cancellationToken, s_look);
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

    [LoggerMessage(2434, LogLevel.Warning, "Retention could not drop {Kind} of {Day} at the log store. The rest goes; this is tried again.")]
    private partial void LogStays(Exception failure, RetentionKind kind, DateOnly? day);

    [LoggerMessage(2432, LogLevel.Warning, "Retention waits for a lock at the log store, held by {Session}")]
    private partial void LogBlocked(BlockingSession session);
}
