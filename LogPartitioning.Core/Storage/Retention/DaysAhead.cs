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
        await using var missing = database.CreateCommand("SELECT day FROM unnest($1) WITH ORDINALITY AS asked(day, n) WHERE to_regclass('log_counts' || to_char(day, '_YYYYMMDD')) IS NULL ORDER BY n");
        missing.Parameters.Add(new NpgsqlParameter<DateOnly[]> { TypedValue = days });
        var found = new List<DateOnly>();
        await using (var reader = await missing.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                found.Add(reader.GetFieldValue<DateOnly>(0));
            }
        }

        foreach (var day in found)
        {
            await using var make = database.CreateCommand("SELECT make_log_day($1)");
            make.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
            await make.ExecuteNonQueryAsync(cancellationToken);
        }
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
