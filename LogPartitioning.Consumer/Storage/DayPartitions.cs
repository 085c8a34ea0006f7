using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Makes the partitions of the days that events are of, before the events come to them. Those that events are usually of are made ahead (<see cref="Core.Storage.Retention.DaysAhead"/>); this is for
/// events that are late, or early. An event whose day has none is stored all the same, beside the days, and moves when the day is made: so
/// nothing waits for this, and a failure costs nothing but order in the house.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="options">How long events are kept, and how far ahead of the clock they may be: days beyond that are not made.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
internal sealed partial class DayPartitions(NpgsqlDataSource database, StoreOptions options, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly HashSet<DateOnly> _made = [];
    private long _asksFrom;

    /// <summary>Makes what is missing for these events, as far as it is known here; waits two seconds at most for whoever has the tables locked.</summary>
    public async Task MakeAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        if (Missing(batches) is not { Count: > 0 } missing || time.GetTimestamp() < Volatile.Read(ref _asksFrom))
        {
            return;
        }

        foreach (var day in missing)
        {
            try
            {
                await using var command = database.CreateCommand("SELECT make_log_day($1)");
                command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = day });
                if (await command.ExecuteScalarAsync(cancellationToken) is true)
                {
                    LogMade(day);
                }
            }
            catch (PostgresException e) when (!e.IsTransient)
            {
                // A day that was detached, say. It keeps the others from nothing.
                Rest(day, e);
                continue;
            }
            catch (NpgsqlException e)
            {
                // Another day would wait as long as this one.
                Rest(day, e);
                return;
            }

            lock (_lock)
            {
                _made.Add(day);
            }
        }
    }

    private void Rest(DateOnly day, NpgsqlException failure)
    {
        Volatile.Write(ref _asksFrom, time.GetTimestamp() + (long)(s_rest.TotalSeconds * time.TimestampFrequency));
        LogNotMade(day, LogStoreFailure.InWords(failure));
    }

    private List<DateOnly> Missing(IReadOnlyList<PartitionBatch> batches)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var (first, last) = (today.AddDays(-options.RetentionDays), today.AddDays((int)Math.Ceiling(options.MaxTimestampLead.TotalDays) + 1));
        var missing = new List<DateOnly>();
        var before = DateOnly.MinValue;
        lock (_lock)
        {
            _made.RemoveWhere(day => day < first);
            foreach (var batch in batches)
            {
                foreach (var record in batch.Records)
                {
                    // Nearly always that of the event before.
                    var day = DateOnly.FromDateTime(record.Timestamp);
                    if (day != before && day >= first && day <= last && !_made.Contains(day) && !missing.Contains(day))
                    {
                        missing.Add(day);
                    }

                    before = day;
                }
            }
        }

        return missing;
    }

    [LoggerMessage(2420, LogLevel.Information, "The log store has a partition for {Day} now")]
    private partial void LogMade(DateOnly day);

    [LoggerMessage(2421, LogLevel.Warning, "No partition for {Day} could be made at the log store; its events are stored beside the days meanwhile: {Reason}")]
    private partial void LogNotMade(DateOnly day, string reason);
}
