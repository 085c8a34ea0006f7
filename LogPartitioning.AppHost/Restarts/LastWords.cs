using System.Text.Json;
using System.Text.RegularExpressions;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>What a service said last, out of the lines of its log.</summary>
/// <param name="Text">Empty where it said nothing.</param>
/// <param name="IsCritical">That it is of critical lines: why the service gave up.</param>
internal readonly partial record struct LastWords(string Text, bool IsCritical)
{
    private const int MaxLength = 2000;
    private const int MaxLines = 5;

    /// <summary>
    /// The critical lines at the end, where there are any: one for each thing that keeps it from starting. Else the last line that is
    /// no part of a stack trace.
    /// </summary>
    public static LastWords Of(IEnumerable<string> lines)
    {
        var said = lines.Select(line => Timestamp().Replace(line, "")).Where(line => line.Trim().Length > 0 && !NotSaid().IsMatch(line)).Select(Read).ToList();
        var critical = said.AsEnumerable().Reverse().TakeWhile(line => line.IsCritical).Take(MaxLines).Reverse().Select(line => line.Text).ToList();
        var words = critical.Count > 0 ? string.Join(' ', critical) : said.LastOrDefault().Text ?? "";
        return new(words.Length <= MaxLength ? words : words[..MaxLength] + "…", critical.Count > 0);
    }

    /// <summary>A line of JSON, as services write them, or of anything else.</summary>
    private static (string Text, bool IsCritical) Read(string line)
    {
        try
        {
            if (line.StartsWith('{'))
            {
                using var entry = JsonDocument.Parse(line);
                if (entry.RootElement.TryGetProperty("Message", out var message) && message.ValueKind == JsonValueKind.String)
                {
                    var critical = entry.RootElement.TryGetProperty("LogLevel", out var level) && level.ValueKind == JsonValueKind.String && level.ValueEquals("Critical");
                    return (message.GetString()!, critical);
                }
            }
        }
        catch (JsonException)
        {
            // Cut, or something else between braces.
        }

        return (line.Trim(), false);
    }

    // Put before each line by the orchestrator.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ ")]
    private static partial Regex Timestamp();

    // A stack trace's, or of the orchestrator itself.
    [GeneratedRegex(@"^(\s+(at |---)|\[sys\])")]
    private static partial Regex NotSaid();
}
