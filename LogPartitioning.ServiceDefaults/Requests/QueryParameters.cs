using LogPartitioning.Core;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>
/// Which query parameters a route has. One that it has not is refused, and so is one that stands twice where the route takes one:
/// ignoring it would answer another question than the one that was asked.
/// </summary>
public static class QueryParameters
{
    private static readonly Known s_none = new([], Repeated: false);

    /// <summary>Names the parameters that the route has. Without this it has none.</summary>
    public static TBuilder WithQuery<TBuilder>(this TBuilder builder, params string[] names)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Known(names, Repeated: false));

    /// <summary>Names the one parameter that the route has, which may stand there several times.</summary>
    public static TBuilder WithRepeatedQuery<TBuilder>(this TBuilder builder, string name)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Known([name], Repeated: true));

    /// <summary>
    /// Refuses what is not named. The probes, the metrics and the document are not looked at: what watches a service must not be
    /// shut out for a parameter that it adds for reasons of its own.
    /// </summary>
    internal static void UseKnownQuery(this WebApplication app) => app.Use(static (context, next) =>
    {
        if (!context.Request.QueryString.HasValue
            || context.GetEndpoint() is not RouteEndpoint endpoint
            || !context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        var problems = Problems(context.Request.Query, endpoint.Metadata.GetMetadata<Known>() ?? s_none);
        return problems.Count == 0 ? next(context) : Refusals.ByField(problems).ExecuteAsync(context);
    });

    private static Dictionary<string, string[]> Problems(IQueryCollection query, Known known)
    {
        var problems = new Dictionary<string, string[]>();
        foreach (var (name, values) in query)
        {
            if (problems.Count == Refusals.MaxProblems)
            {
                break;
            }

            if (!known.Names.Contains(name, StringComparer.Ordinal))
            {
                problems[NearestName.Cut(name)] = [NearestName.Rule(name, "a parameter here", known.Names)];
            }
            else if (values.Count > 1 && !known.Repeated)
            {
                problems[name] = ["must be given once"];
            }
        }

        return problems;
    }

    private sealed record Known(IReadOnlyList<string> Names, bool Repeated);
}
