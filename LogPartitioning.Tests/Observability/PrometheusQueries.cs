using System.Globalization;
using System.Text.Json;

namespace LogPartitioning.Tests.Observability;

/// <summary>One series of an instant query's answer.</summary>
internal sealed record PrometheusSample(IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>The scraped values of one series, oldest first.</summary>
internal sealed record PrometheusSeries(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<double> Values);

/// <summary>One rule as a running Prometheus has loaded it.</summary>
/// <param name="Name">The alert's name, or the recorded series'.</param>
/// <param name="Type"><c>alerting</c> or <c>recording</c>.</param>
/// <param name="Expression">What it evaluates.</param>
/// <param name="Health"><c>ok</c>, <c>err</c> or <c>unknown</c> (not evaluated yet).</param>
/// <param name="Error">Why the last evaluation failed, if it did.</param>
internal sealed record PrometheusRule(string Name, string Type, PromQlExpression Expression, string Health, string? Error);

/// <summary>A Prometheus server's HTTP API, as far as the tests ask it.</summary>
internal sealed class PrometheusQueries(HttpClient http)
{
    /// <exception cref="InvalidOperationException">Prometheus refused the query; the message says why.</exception>
    public async Task<IReadOnlyList<PrometheusSample>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        using FormUrlEncodedContent form = new([new("query", expression)]);
        using HttpResponseMessage response = await http.PostAsync("api/v1/query", form, cancellationToken);
        JsonElement data = await ReadDataAsync(response, expression, cancellationToken);
        JsonElement result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() switch
        {
            "vector" => [.. result.EnumerateArray().Select(Sample)],
            "scalar" => [new(new Dictionary<string, string>(), Number(result[1]))],
            string type => throw new InvalidOperationException($"'{expression}' yields a {type}; only vectors and scalars can be drawn or alerted on."),
            null => throw new InvalidOperationException($"'{expression}': no result type."),
        };
    }

    /// <summary>The samples as they were scraped, of each series since a time; oldest first.</summary>
    /// <param name="selector">The series, e.g. <c>up{job="consumer"}</c>.</param>
    /// <param name="since">The time; the sample of this moment is not among them.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    public async Task<IReadOnlyList<PrometheusSeries>> SamplesAsync(string selector, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var now = DateTimeOffset.UtcNow;
        string range = string.Create(CultureInfo.InvariantCulture, $"{selector}[{Math.Max(1, (long)(now - since).TotalMilliseconds)}ms]");
        using FormUrlEncodedContent form = new([new("query", range), new("time", Seconds(now))]);
        using HttpResponseMessage response = await http.PostAsync("api/v1/query", form, cancellationToken);
        JsonElement data = await ReadDataAsync(response, range, cancellationToken);
        return
        [
            .. from series in data.GetProperty("result").EnumerateArray()
               select new PrometheusSeries(Labels(series), [.. series.GetProperty("values").EnumerateArray().Select(value => Number(value[1]))]),
        ];
    }

    /// <summary>The names of all metrics and recorded series that have samples.</summary>
    public async Task<IReadOnlySet<string>> MetricNamesAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.GetAsync("api/v1/label/__name__/values", cancellationToken);
        JsonElement data = await ReadDataAsync(response, "the names of metrics", cancellationToken);
        return data.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal);
    }

    public async Task<IReadOnlyList<PrometheusRule>> RulesAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await http.GetAsync("api/v1/rules", cancellationToken);
        JsonElement data = await ReadDataAsync(response, "the rules", cancellationToken);
        return
        [
            .. from ruleGroup in data.GetProperty("groups").EnumerateArray()
               from rule in ruleGroup.GetProperty("rules").EnumerateArray()
               select new PrometheusRule(
                   rule.GetProperty("name").GetString()!,
                   rule.GetProperty("type").GetString()!,
                   new PromQlExpression(rule.GetProperty("query").GetString()!),
                   rule.GetProperty("health").GetString()!,
                   rule.TryGetProperty("lastError", out JsonElement error) ? error.GetString() : null),
        ];
    }

    private static PrometheusSample Sample(JsonElement series) => new(Labels(series), Number(series.GetProperty("value")[1]));

    private static Dictionary<string, string> Labels(JsonElement series) =>
        series.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!);

    private static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);

    private static double Number(JsonElement value) => value.GetString() switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        string text => double.Parse(text, CultureInfo.InvariantCulture),
        null => throw new InvalidOperationException("A sample without a value."),
    };

    private static async Task<JsonElement> ReadDataAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"Prometheus answered {(int)response.StatusCode} to {what}: {body}");
        }

        using JsonDocument document = JsonDocument.Parse(body);
        return document.RootElement.GetProperty("data").Clone();
    }
}
