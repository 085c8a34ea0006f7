using LogPartitioning.Core.Events;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>How many events to count, by time and level. All conditions hold together; what is null does not count.</summary>
/// <param name="Range">The time, of whole minutes.</param>
/// <param name="Step">How long a bucket is.</param>
internal sealed record HistogramFilter(TimeRange Range, HistogramStep Step)
{
    /// <summary>Events of this source alone, all its keys together.</summary>
    public string? Source { get; init; }

    /// <summary>Events of this level alone.</summary>
    public Severity? Level { get; init; }

    /// <summary>Events at least this severe.</summary>
    public Severity? MinLevel { get; init; }
}

/// <summary>How many events there are of a stretch of time.</summary>
/// <param name="From">Where it begins, by UTC.</param>
/// <param name="Levels">How many of each level, by its number.</param>
internal sealed record HistogramBucket(DateTime From, IReadOnlyList<long> Levels);

/// <summary>
/// Counts stored events by time and level: from the counts by the minute that the consumers keep, so that it costs the same however many
/// events there are. Those know no source; a source's events are counted themselves.
/// </summary>
internal sealed class LogHistogram(NpgsqlDataSource database)
{
    private static readonly int s_levels = Enum.GetValues<Severity>().Length;

    /// <summary>How long the database may count before it gives up.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Counts. Every bucket is there, also one without events.</summary>
    /// <exception cref="TimeoutException">A source has too many events to count them within <see cref="StatementTimeout"/>.</exception>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<IReadOnlyList<HistogramBucket>> RunAsync(HistogramFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var counts = Enumerable.Range(0, filter.Step.BucketsIn(filter.Range)).Select(_ => new long[s_levels]).ToArray();
        var first = filter.Step.StartOf(filter.Range.From);
        foreach (var (bucket, level, events) in await BoundedReading.RunAsync(
            database,
            StatementTimeout,
            reading => reading.ListAsync(filter.Source is { } source ? OfSource(filter, source, first) : OfMinutes(filter, first), row => (row.GetInt32(0), row.GetInt16(1), row.GetInt64(2))),
            cancellationToken))
        {
            counts[bucket][level] = events;
        }

        return [.. counts.Select((levels, i) => new HistogramBucket(first + i * filter.Step.Length, levels))];
    }

    private static NpgsqlBatchCommand OfMinutes(HistogramFilter filter, DateTime first)
    {
        var statement = new Statement();
        // By the minute first: the partitions fall together, and few times are left to be divided.
        return statement.With($"""
            SELECT {Bucket(statement, filter, first, "minute")}, level, sum(events)::bigint
            FROM (
              SELECT minute, level, sum(events) AS events FROM log_counts
              WHERE {statement.In(filter.Range, "minute")}{Statement.Levels(filter.Level, filter.MinLevel)}
              GROUP BY minute, level) AS minutes
            GROUP BY 1, 2
            """);
    }

    private static NpgsqlBatchCommand OfSource(HistogramFilter filter, string source, DateTime first)
    {
        var statement = new Statement();
        return statement.With($"""
            SELECT {Bucket(statement, filter, first, "timestamp")}, level, count(*)
            FROM log_events
            WHERE source = {statement.Value(source, NpgsqlDbType.Text)} AND {statement.In(filter.Range, "timestamp")}{Statement.Levels(filter.Level, filter.MinLevel)}
            GROUP BY 1, 2
            """);
    }

    private static string Bucket(Statement statement, HistogramFilter filter, DateTime first, string column) =>
        $"floor(extract(epoch FROM {column} - {statement.Value(first, NpgsqlDbType.TimestampTz)}) / {statement.Value((int)filter.Step.Length.TotalSeconds, NpgsqlDbType.Integer)})::integer";
}
