using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using Microsoft.OpenApi;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>The query string of <c>GET /api/logs</c>, read strictly.</summary>
internal static class LogQueryParameters
{
    private const int DefaultLimit = 100;
    private const int MaxContains = 1024;

    private static readonly (string Name, string Description, JsonSchemaType Type, string? Format)[] s_parameters =
    [
        ("source", "Events of this source alone, all its keys merged", JsonSchemaType.String, null),
        ("level", "Events of this level alone; the usual spellings are understood", JsonSchemaType.String, null),
        ("from", "Events whose timestamp is this or later; RFC 3339", JsonSchemaType.String, "date-time"),
        ("to", "Events whose timestamp is before this; RFC 3339", JsonSchemaType.String, "date-time"),
        ("contains", "Events whose message contains this text, upper and lower case alike", JsonSchemaType.String, null),
        ("limit", "Events a page at most, 1 to 1000; default 100", JsonSchemaType.Integer, "int32"),
        ("cursor", "`next` of the page before", JsonSchemaType.String, null),
    ];

    public static bool TryRead(
        IQueryCollection query,
        [NotNullWhen(true)] out LogFilter? filter,
        out Dictionary<string, string[]> problems)
    {
        problems = [];
        var read = new LogFilter
        {
            Source = Text(query, "source", EventRules.MaxSourceCharacters, problems),
            Contains = Text(query, "contains", MaxContains, problems),
            Level = Level(query, problems),
            From = Time(query, "from", problems),
            To = Time(query, "to", problems),
            Limit = Limit(query, problems),
            After = Cursor(query, problems),
        };
        if (read.From is { } from && read.To is { } to && to <= from)
        {
            problems["to"] = ["must be later than from"];
        }

        filter = problems.Count == 0 ? read : null;
        return filter is not null;
    }

    public static RouteHandlerBuilder WithLogQueryParameters(this RouteHandlerBuilder builder) =>
        builder.WithQuery([.. s_parameters.Select(parameter => parameter.Name)]).AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var (name, description, type, format) in s_parameters)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Query,
                    Description = description,
                    Schema = new OpenApiSchema { Type = type, Format = format },
                });
            }

            return Task.CompletedTask;
        });

    /// <summary>The value of a parameter that is there once; a parameter without a value counts as given.</summary>
    private static string? Single(IQueryCollection query, string name) => query[name] is [{ } value] ? value : null;

    private static string? Text(IQueryCollection query, string name, int longest, Dictionary<string, string[]> problems)
    {
        if (Single(query, name) is not { } value)
        {
            return null;
        }

        if (value.Length == 0 || EventRules.CharactersOf(value) > longest)
        {
            problems[name] = [$"must have 1 to {longest} characters"];
            return null;
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            problems[name] = ["must not contain U+0000"];
            return null;
        }

        return value;
    }

    private static Severity? Level(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (Single(query, "level") is not { } value)
        {
            return null;
        }

        if (SeverityNames.TryParse(value, out var level))
        {
            return level;
        }

        problems["level"] = [$"must be one of {string.Join(", ", Enum.GetNames<Severity>())} or a usual spelling of one"];
        return null;
    }

    private static DateTimeOffset? Time(IQueryCollection query, string name, Dictionary<string, string[]> problems)
    {
        // In a query string + means a blank, so that an offset written plainly arrives with one.
        if (Single(query, name)?.Replace(' ', '+') is not { } value)
        {
            return null;
        }

        if (Rfc3339.TryParse(value, out var time))
        {
            return time;
        }

        problems[name] = [$"must be a time as of RFC 3339, e.g. 2026-11-22T07:00:00Z, {Rfc3339.Range}"];
        return null;
    }

    private static int Limit(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (Single(query, "limit") is not { } value)
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

    private static OffsetsCursor? Cursor(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (Single(query, "cursor") is not { } value)
        {
            return null;
        }

        if (OffsetsCursor.TryParse(value, out var cursor))
        {
            return cursor;
        }

        problems["cursor"] = ["is not one that this service gave out"];
        return null;
    }
}
