using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LogPartitioning.Gateway.Query;
using Microsoft.OpenApi;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The query string of <c>GET /api/logs</c>, read strictly.</summary>
internal static class LogQueryParameters
{
    private const int DefaultLimit = 100;
    private const int MaxContains = 1024;
    private const string Oldest = "oldest";
    private const string Newest = "newest";

    /// <summary>The parameters, as the document describes them.</summary>
    public static IReadOnlyList<DocumentedParameter> Documented { get; } =
    [
        new("source", "Events of this source alone, all its keys merged", JsonSchemaType.String),
        new("partition", "Events of this partition alone", JsonSchemaType.Integer, "int32"),
        new("level", "Events of this level alone; the usual spellings are understood", JsonSchemaType.String),
        new("minLevel", "Events of this level and graver ones", JsonSchemaType.String),
        new("from", "Events whose timestamp is this or later; RFC 3339", JsonSchemaType.String, "date-time"),
        new("to", "Events whose timestamp is before this; RFC 3339", JsonSchemaType.String, "date-time"),
        new("contains", "Events whose message contains this text, upper and lower case alike", JsonSchemaType.String),
        new("order", "`oldest` or `newest` first, by timestamp; default `oldest`", JsonSchemaType.String),
        new("limit", "Events a page at most, 1 to 1000; default 100", JsonSchemaType.Integer, "int32"),
        new("cursor", "`next` of the page before", JsonSchemaType.String),
    ];

    public static bool TryRead(
        IQueryCollection query,
        [NotNullWhen(true)] out LogFilter? filter,
        out Dictionary<string, string[]> problems)
    {
        problems = [];
        var order = Order(query, problems);
        var read = new LogFilter
        {
            Source = QueryValues.Source(query, problems),
            Partition = Partition(query, problems),
            Contains = QueryValues.Text(query, "contains", MaxContains, problems),
            Level = QueryValues.Level(query, "level", problems),
            MinLevel = QueryValues.Level(query, "minLevel", problems),
            From = QueryValues.Time(query, "from", problems),
            To = QueryValues.Time(query, "to", problems),
            Order = order ?? default,
            Limit = Limit(query, problems),
            After = Cursor(query, order, problems),
        };
        if (read.From is { } from && read.To is { } to && to <= from)
        {
            problems["to"] = ["must be later than from"];
        }

        filter = problems.Count == 0 ? read : null;
        return filter is not null;
    }

    public static RouteHandlerBuilder WithLogQueryParameters(this RouteHandlerBuilder builder) => builder.WithDocumentedQuery(Documented);

    private static LogOrder? Order(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        switch (QueryValues.Single(query, "order"))
        {
            case null or Oldest:
                return LogOrder.Oldest;
            case Newest:
                return LogOrder.Newest;
            default:
                problems["order"] = [$"must be {Oldest} or {Newest}"];
                return null;
        }
    }

    private static int? Partition(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (QueryValues.Single(query, "partition") is not { } value)
        {
            return null;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
        {
            return partition;
        }

        problems["partition"] = ["must be the number of a partition, from 0"];
        return null;
    }

    private static int Limit(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (QueryValues.Single(query, "limit") is not { } value)
        {
            return DefaultLimit;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= LogFilter.MaxLimit)
        {
            return limit;
        }

        problems["limit"] = [$"must be a whole number from 1 to {LogFilter.MaxLimit}"];
        return DefaultLimit;
    }

    private static LogCursor? Cursor(IQueryCollection query, LogOrder? order, Dictionary<string, string[]> problems)
    {
        if (QueryValues.Single(query, "cursor") is not { } value)
        {
            return null;
        }

        if (!LogCursor.TryParse(value, out var cursor, out var problem))
        {
            problems["cursor"] = [problem];
        }
        else if (order is not null && cursor.Order != order)
        {
            var its = cursor.Order == LogOrder.Oldest ? Oldest : Newest;
            problems["cursor"] = [$"is one of order={its}; ask for that order, or start again without it"];
        }

        return cursor;
    }
}
