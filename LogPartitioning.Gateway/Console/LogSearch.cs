using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace LogPartitioning.Gateway.Console;

/// <summary>A search as the address of the page has it: that of <c>GET /api/logs</c>, and <c>last</c> for a time that ends now.</summary>
internal sealed record LogSearch(LogFilter? Filter, IReadOnlyDictionary<string, string[]> Problems, DateTimeOffset From, DateTimeOffset To, string ApiQuery)
{
    /// <summary>Events a page.</summary>
    public const int Limit = 100;

    /// <summary>What can be chosen for <c>last</c>, and how long each is.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> Spans { get; } = new Dictionary<string, TimeSpan>
    {
        ["15m"] = TimeSpan.FromMinutes(15),
        ["1h"] = TimeSpan.FromHours(1),
        ["6h"] = TimeSpan.FromHours(6),
        ["24h"] = TimeSpan.FromHours(24),
        ["7d"] = TimeSpan.FromDays(7),
    };

    /// <summary>What a search of these parameters is at this time.</summary>
    public static LogSearch Of(PageContext page, DateTimeOffset now)
    {
        var given = page.Text("from") is not null || page.Text("to") is not null;
        var span = Spans.GetValueOrDefault(page.Text("last") ?? "1h", TimeSpan.FromHours(1));
        var values = page.Query
            .Where(entry => entry.Key is "source" or "partition" or "level" or "minLevel" or "contains" or "from" or "to" or "cursor" && !StringValues.IsNullOrEmpty(entry.Value))
            .ToDictionary();
        if (!given)
        {
            values["from"] = Rfc3339.Format(now - span);
        }

        values["order"] = "newest";
        values["limit"] = $"{Limit}";
        LogQueryParameters.TryRead(new QueryCollection(values), out var filter, out var problems);
        var to = filter?.To ?? now;
        var api = QueryHelpers.AddQueryString("", values.Where(entry => entry.Key is not ("limit" or "cursor")).Select(entry => KeyValuePair.Create(entry.Key, (string?)entry.Value.ToString())));
        return new(filter, problems, filter?.From ?? to - TimeSpan.FromDays(1), to, api);
    }
}
