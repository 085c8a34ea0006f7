using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LogPartitioning.Gateway.Ingress;
using Microsoft.OpenApi;

namespace LogPartitioning.Gateway.Export;

/// <summary>The query string of <c>GET /api/logs/export</c>, read strictly.</summary>
internal static class ExportParameters
{
    public static bool TryRead(IQueryCollection query, [NotNullWhen(true)] out ExportRequest? export, out Dictionary<string, string[]> problems)
    {
        // The limit is another one; the rest is the same.
        var page = new QueryCollection(query.Where(entry => entry.Key is not ("limit" or "format")).ToDictionary());
        LogQueryParameters.TryRead(page, out var filter, out problems);
        var limit = Limit(query, problems);
        var name = QueryValues.Single(query, "format") ?? ExportFormat.All[0].Name;
        var format = ExportFormat.All.FirstOrDefault(one => one.Name == name);
        if (format is null)
        {
            problems["format"] = [$"must be one of {string.Join(", ", ExportFormat.All.Select(one => one.Name))}"];
        }

        export = problems.Count == 0 && filter is not null && format is not null ? new(filter with { Limit = limit }, format) : null;
        return export is not null;
    }

    public static RouteHandlerBuilder WithExportParameters(this RouteHandlerBuilder builder) => builder.WithDocumentedQuery(
    [
        .. LogQueryParameters.Documented.Where(parameter => parameter.Name != "limit"),
        new("limit", FormattableString.Invariant($"Events of the file at most, 1 to {ExportApi.MostEvents}; default {ExportApi.MostEvents}"), JsonSchemaType.Integer, "int32"),
        new("format", "`ndjson` or `csv`; default `ndjson`", JsonSchemaType.String),
    ]);

    private static int Limit(IQueryCollection query, Dictionary<string, string[]> problems)
    {
        if (QueryValues.Single(query, "limit") is not { } value)
        {
            return ExportApi.MostEvents;
        }

        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= ExportApi.MostEvents)
        {
            return limit;
        }

        problems["limit"] = [FormattableString.Invariant($"must be a whole number from 1 to {ExportApi.MostEvents}")];
        return ExportApi.MostEvents;
    }
}
