using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What to begin with: the examples of the OpenAPI documents and of docs/api.md, and log lines of real systems where there are some.</summary>
/// <param name="Examples">Bodies and answers, as the documents have them.</param>
/// <param name="Queries">Query strings of the pages, without the question mark.</param>
/// <param name="Lines">Log lines.</param>
internal sealed partial record FuzzSeeds(IReadOnlyList<byte[]> Examples, IReadOnlyList<byte[]> Queries, IReadOnlyList<byte[]> Lines)
{
    private const int LinesOfFile = 200;

    /// <summary>Reads all.</summary>
    /// <param name="services">Whose documents to take.</param>
    /// <param name="logs">A folder with files named <c>*.log</c>; null where there is none.</param>
    public static async Task<FuzzSeeds> ReadAsync(ServicesInMemory services, string? logs)
    {
        var page = RepositoryFiles.Read("docs/api.md") + RepositoryFiles.Read("docs/security.md") + RepositoryFiles.Read("README.md");
        var examples = new List<string>(InCode().Matches(page).Select(match => match.Value.Trim('`', '\'', '\n')));
        examples.AddRange(Fenced().Matches(page).Select(match => match.Groups[1].Value));
        foreach (var server in new[] { services.Producer, services.Gateway })
        {
            var document = new Exchange(HttpMethods.Get, "/openapi/v1.json");
            await server.AskAsync(document);
            BrokenPromiseException.Unless(document.StatusCode == StatusCodes.Status200OK, $"there is an OpenAPI document; it is {document.StatusCode}");
            using var json = JsonDocument.Parse(document.Answer);
            Collect(json.RootElement, examples);
        }

        return new(
            [.. examples.Distinct().Select(Encoding.UTF8.GetBytes)],
            [.. Query().Matches(page).Select(match => Encoding.UTF8.GetBytes(match.Groups[1].Value)).DistinctBy(Encoding.UTF8.GetString)],
            logs is null ? [] : [.. Directory.GetFiles(logs, "*.log").Order(StringComparer.Ordinal).SelectMany(file => File.ReadLines(file).Take(LinesOfFile)).Select(Encoding.UTF8.GetBytes)]);
    }

    /// <summary>The lines as events, each by itself: what a client that sends such a file writes.</summary>
    public IEnumerable<byte[]> EventsOfLines() => Lines.Select((line, n) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        source = $"log-{n % 7}",
        level = n % 3 == 0 ? "warn" : "info",
        message = Encoding.UTF8.GetString(line),
        timestamp = "2026-11-22T07:00:00.123Z",
        attributes = new { line = n, file = "a.log" },
    }));

    private static void Collect(JsonElement json, List<string> examples)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in json.EnumerateObject())
                {
                    if (field.Name is "example" or "examples")
                    {
                        examples.Add(field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString()! : field.Value.GetRawText());
                    }

                    Collect(field.Value, examples);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Collect(item, examples);
                }

                break;
        }
    }

    [GeneratedRegex(@"`\{[^`]+\}`|'\{[^']+\}'")]
    private static partial Regex InCode();

    [GeneratedRegex(@"```\w*\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex(@"\?([a-z]+=[^'`\s)]*)")]
    private static partial Regex Query();
}
