using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>
/// Makes the partitions of the days that events may be of soon: yesterday to a day after the furthest timestamp that the door takes. An event
/// whose day has none lies beside the days until it is made, so a failure loses nothing.
/// </summary>
public sealed partial class DaysAhead(NpgsqlDataSource database, StoreOptions options, TimeProvider time, ILogger<DaysAhead> logger)
{
    /// <summary>Makes what is missing.</summary>
    /// <exception cref="NpgsqlException">The database does not answer, or somebody has a table locked for longer than two seconds.</exception>
    public async Task MakeAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        DateOnly[] days = [.. Enumerable.Range(-1, (int)Math.Ceiling(options.MaxTimestampLead.TotalDays) + 3).Select(today.AddDays)];
        // Who has them asks for no lock.
        await using var missing = database.CreateCommand(
            """
            SELECT day FROM unnest($1) WITH ORDINALITY AS asked(day, n) WHERE NOT EXISTS (
              SELECT FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
              WHERE inhparent = 'log_counts'::regclass AND NOT inhdetachpending AND child.relname = 'log_counts' || to_char(day, '_YYYYMMDD'))
            ORDER BY n
            """);
        missing.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = days });
        var found = new List<DateOnly>();
        await using (var reader = await missing.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetFieldValue<DateOnly>(0));
            }
        }

        ExceptionDispatchInfo? refused = null;
        foreach (var day in found)
        {
            await using var make = database.CreateCommand("SELECT make_log_day($1)");
            make.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
            try
            {
                await make.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (PostgresException e)
            {
                // A day that cannot be made, since it was detached say, must not keep the others from being made.
                refused ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        refused?.Throw();
    }

    /// <summary>The same once; what is in the way is told, and left to the next time.</summary>
    public async Task TryMakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MakeAsync(cancellationToken);
        }
        catch (NpgsqlException e)
        {
            LogNotMade(LogStoreFailure.InWords(e));
        }
    }

    [LoggerMessage(2433, LogLevel.Warning, "The days ahead could not be made at the log store yet ({Reason}). They are tried again; events lie beside the days meanwhile.")]
    private partial void LogNotMade(string reason);
}
