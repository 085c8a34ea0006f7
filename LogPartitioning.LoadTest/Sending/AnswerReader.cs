using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>Reads the two shapes of a 202: one event's place, or the list of results of many.</summary>
internal static class AnswerReader
{
    private const int LongestProblem = 300;

    public static RequestOutcome Read(JsonElement root, int count)
    {
        if (root.TryGetProperty("results", out var results))
        {
            return new RequestOutcome(ReadResults(results, count), null, null);
        }

        if (count == 1)
        {
            return new RequestOutcome([ReadPlace(root)], null, null);
        }

        throw new JsonException("no \"results\" in the answer to many events");
    }

    /// <summary>Results in an error's body, where there are any.</summary>
    public static bool TryReadResults(string body, int count, [NotNullWhen(true)] out EventOutcome[]? outcomes)
    {
        outcomes = null;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("results", out var results)
                && results.ValueKind == JsonValueKind.Array)
            {
                outcomes = ReadResults(results, count);
                return true;
            }
        }
        catch (JsonException)
        {
            // A proxy's HTML page, or nothing at all: the status alone speaks.
        }

        return false;
    }

    /// <summary>The title and detail of problem details, or the start of any other text.</summary>
    public static string ProblemText(string body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind == JsonValueKind.Object)
            {
                var text = string.Join(": ", new[] { Text(json.RootElement, "title"), Text(json.RootElement, "detail") }
                    .Where(part => part is not null));
                if (text.Length > 0)
                {
                    return text;
                }
            }
        }
        catch (JsonException)
        {
            // Not JSON: shown as it came.
        }

        return body.Length <= LongestProblem ? body : body[..LongestProblem] + "…";
    }

    private static EventOutcome[] ReadResults(JsonElement results, int count)
    {
        // An event that the answer does not mention stays unknown and is sent again.
        var outcomes = new EventOutcome[count];
        Array.Fill(outcomes, new EventOutcome(EventStatus.Unknown, Error: "the answer does not mention it"));
        var place = 0;
        foreach (var result in results.EnumerateArray())
        {
            var index = result.TryGetProperty("index", out var named) ? named.GetInt32() : place;
            place++;
            if (index < 0 || index >= count)
            {
                throw new JsonException($"a result for place {index} of {count}");
            }

            outcomes[index] = Text(result, "status") switch
            {
                "accepted" => ReadPlace(result),
                // Not acknowledged, but not at fault either: the brokers did not answer for it.
                "rejected" when result.TryGetProperty("retry", out var retry) && retry.ValueKind == JsonValueKind.True =>
                    new EventOutcome(EventStatus.Unknown, Error: ReadError(result)),
                "rejected" => new EventOutcome(EventStatus.Rejected, Error: ReadError(result)),
                var other => new EventOutcome(EventStatus.Unknown, Error: ReadError(result) ?? other),
            };
        }

        return outcomes;
    }

    private static EventOutcome ReadPlace(JsonElement result) =>
        result.TryGetProperty("partition", out var partition) && result.TryGetProperty("offset", out var offset)
            ? new EventOutcome(EventStatus.Acknowledged, partition.GetInt32(), offset.GetInt64(), Text(result, "key"))
            : new EventOutcome(EventStatus.Unknown, Error: "accepted without a partition and an offset");

    private static string? ReadError(JsonElement result)
    {
        if (!result.TryGetProperty("error", out var error) && !result.TryGetProperty("errors", out error))
        {
            return null;
        }

        return error.ValueKind == JsonValueKind.String ? error.GetString() : error.GetRawText();
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
