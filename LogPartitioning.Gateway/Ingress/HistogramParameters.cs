using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LogPartitioning.Gateway.Query;
using Microsoft.OpenApi;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The query string of <c>GET /api/logs/histogram</c>, read strictly.</summary>
internal static class HistogramParameters
{
    private static readonly TimeSpan s_default = TimeSpan.FromDays(1);

    private static readonly string s_steps = string.Join(", ", HistogramStep.All.Select(step => step.Name));

    private static readonly DocumentedParameter[] s_parameters =
    [
        new("from", "Where the time begins that is counted; RFC 3339; default 24 h before `to`", JsonSchemaType.String, "date-time"),
        new("to", "Where it ends; RFC 3339; default now", JsonSchemaType.String, "date-time"),
        new("step", $"How long a bucket is: {s_steps}; default the finest with at most {HistogramStep.MaxBuckets} buckets", JsonSchemaType.String),
        new("source", "Events of this source alone, all its keys together", JsonSchemaType.String),
        new("level", "Events of this level alone; the usual spellings are understood", JsonSchemaType.String),
        new("minLevel", "Events of this level and graver ones", JsonSchemaType.String),
    ];

    public static bool TryRead(
        IQueryCollection query,
        DateTimeOffset now,
        [NotNullWhen(true)] out HistogramFilter? filter,
        out Dictionary<string, string[]> problems)
    {
        problems = [];
        var step = Step(query, problems);
        var source = QueryValues.Source(query, problems);
        var level = QueryValues.Level(query, "level", problems);
        var minLevel = QueryValues.Level(query, "minLevel", problems);
        var range = Range(query, now, problems);
        if (range is { } asked && step is not null && step.BucketsIn(asked) is > HistogramStep.MaxBuckets and var buckets)
        {
            problems["step"] =
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"makes {buckets:N0} buckets of the time from from to to, and {HistogramStep.MaxBuckets:N0} are the most; the finest that fits is {HistogramStep.FinestFor(asked).Name}"),
            ];
        }

        filter = problems.Count == 0 && range is { } time
            ? new(time, step ?? HistogramStep.FinestFor(time)) { Source = source, Level = level, MinLevel = minLevel }
            : null;
        return filter is not null;
    }

    public static RouteHandlerBuilder WithHistogramParameters(this RouteHandlerBuilder builder) => builder.WithDocumentedQuery(s_parameters);

    private static HistogramStep? Step(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (QueryValues.Single(query, "step") is not { } value)
        {
            return null;
        }

        var step = HistogramStep.All.SingleOrDefault(step => step.Name == value);
        if (step is null)
        {
            problems["step"] = [$"must be one of {s_steps}"];
        }

        return step;
    }

    /// <summary>The time that is asked for, in whole minutes.</summary>
    private static TimeRange? Range(IQueryCollection query, DateTimeOffset now, Dictionary<string, string[]> problems)
    {
        var from = QueryValues.Time(query, "from", problems);
        var to = QueryValues.Time(query, "to", problems);
        if (problems.ContainsKey("from") || problems.ContainsKey("to"))
        {
            return null;
        }

        var end = (to ?? now).UtcDateTime;
        var start = from?.UtcDateTime ?? (end.Ticks > s_default.Ticks ? end - s_default : TimeRange.All.From);
        if (start >= end)
        {
            problems[to is null ? "from" : "to"] = [to is null ? "must be before now, where to is left out" : "must be later than from"];
            return null;
        }

        if (end - start > HistogramStep.LongestRange)
        {
            problems["from"] = [$"must be at most {HistogramStep.LongestRange.Days} days before to"];
            return null;
        }

        return HistogramStep.WholeMinutes(new(start, end));
    }
}
