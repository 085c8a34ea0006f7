using System.Globalization;
using LogPartitioning.Core.Events;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Query;

/// <summary>A text would be looked for in more events than may be. The message is the end of a sentence about the text.</summary>
internal sealed class SearchTooWideException(string message) : Exception(message);

/// <summary>
/// How many events a search for a text may look through: no index helps it. Known before it starts, from the counts by the minute, which
/// are few; for a source, from its index.
/// </summary>
internal sealed class SearchBound(long most)
{
    /// <exception cref="SearchTooWideException">There are more events.</exception>
    public async Task CheckAsync(BoundedReading reading, LogFilter filter, IReadOnlyList<TimeRange> pieces)
    {
        var (events, end) = await SumAsync(pieces, (piece, _) => reading.CountAsync(OfMinutes(filter, piece)));
        if (events > most && filter.Source is { } source)
        {
            (events, end) = await SumAsync(pieces, (piece, room) => reading.CountAsync(OfSource(source, piece, room)));
        }

        if (events > most)
        {
            var (from, to) = filter.Order == LogOrder.Oldest ? (pieces[0].From, end.To) : (end.From, pieces[0].To);
            throw new SearchTooWideException(string.Create(
                CultureInfo.InvariantCulture,
                $"would be looked for in {events:N0} events or more{Named(" from ", from, TimeRange.All.From)}{Named(" to ", to, TimeRange.All.To)}, and {most:N0} are the most (Query:MaxSearchedEvents): give a window by from and to, or a source, that has fewer"));
        }
    }

    /// <summary>The sum over the pieces, in their order, up to the one with which it is too large.</summary>
    private async Task<(long Events, TimeRange End)> SumAsync(IReadOnlyList<TimeRange> pieces, Func<TimeRange, long, Task<long>> count)
    {
        var events = 0L;
        foreach (var piece in pieces)
        {
            events += await count(piece, most + 1 - events);
            if (events > most)
            {
                return (events, piece);
            }
        }

        return (events, default);
    }

    private static NpgsqlBatchCommand OfMinutes(LogFilter filter, TimeRange piece)
    {
        var statement = new Statement();
        var minutes = piece with { From = piece.From.AddTicks(-(piece.From.Ticks % TimeSpan.TicksPerMinute)) };
        return statement.With(
            $"SELECT coalesce(sum(events), 0)::bigint FROM log_counts WHERE {statement.In(minutes, "minute")}{Statement.Levels(null, filter.IsAboutErrors ? Severity.Error : null)}");
    }

    private static NpgsqlBatchCommand OfSource(string source, TimeRange piece, long room)
    {
        var statement = new Statement();
        return statement.With(
            $"SELECT count(*) FROM (SELECT FROM log_events WHERE source = {statement.Value(source, NpgsqlDbType.Text)} AND {statement.In(piece, "timestamp")} LIMIT {statement.Value(room, NpgsqlDbType.Bigint)}) AS counted");
    }

    private static string Named(string before, DateTime time, DateTime end) => time == end ? "" : before + Rfc3339.Format(new DateTimeOffset(time));
}
