using LogPartitioning.Core.Events;
using Microsoft.OpenApi;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>A parameter of a query string, as the document describes it.</summary>
internal sealed record DocumentedParameter(string Name, string Description, JsonSchemaType Type, string? Format = null);

/// <summary>Values of a query string that say which events are meant, read strictly. What is wrong with one goes to the problems, by its name.</summary>
internal static class QueryValues
{
    /// <summary>Names the parameters that the route has, and describes them.</summary>
    public static RouteHandlerBuilder WithDocumentedQuery(this RouteHandlerBuilder builder, IReadOnlyList<DocumentedParameter> parameters) =>
        builder.WithQuery([.. parameters.Select(parameter => parameter.Name)]).AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var (name, description, type, format) in parameters)
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
    public static string? Single(IQueryCollection query, string name) => query[name] is [{ } value] ? value : null;

    public static string? Source(IQueryCollection query, Dictionary<string, string[]> problems) => Text(query, "source", EventRules.MaxSourceCharacters, problems);

    public static string? Text(IQueryCollection query, string name, int longest, Dictionary<string, string[]> problems)
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

    public static Severity? Level(IQueryCollection query, string name, Dictionary<string, string[]> problems)
    {
        if (Single(query, name) is not { } value)
        {
            return null;
        }

        if (SeverityNames.TryParse(value, out var level))
        {
            return level;
        }

        problems[name] = [$"must be one of {string.Join(", ", Enum.GetNames<Severity>())} or a usual spelling of one"];
        return null;
    }

    public static DateTimeOffset? Time(IQueryCollection query, string name, Dictionary<string, string[]> problems)
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
}
