using System.Text.Json;

namespace LogPartitioning.LoadTest.Gateway;

/// <summary>How the gateway's answers are read: a field that is missing, or null where it may not be, is an error.</summary>
internal static class GatewayJson
{
    private const int LongestProblem = 300;

    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The title and detail of problem details, or the start of any other text.</summary>
    public static string ProblemText(string body)
    {
        try
        {
            if (JsonSerializer.Deserialize<Problem>(body, Options) is { } problem && (problem.Title ?? problem.Detail) is not null)
            {
                return string.Join(": ", new[] { problem.Title, problem.Detail }.OfType<string>());
            }
        }
        catch (JsonException)
        {
            // A proxy's HTML page, or nothing at all: shown as it came.
        }

        return body.Length <= LongestProblem ? body : body[..LongestProblem] + "…";
    }

    private sealed record Problem(string? Title = null, string? Detail = null);
}
