using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>What holds for every answer of the API.</summary>
internal static class Answers
{
    /// <summary>What an answer says where a request was read, is right, and needs a server that is not there.</summary>
    private static readonly string[] s_missingServers =
    [
        "The log store does not answer.",
        "The brokers do not answer.",
        "The database that keeps the splits does not answer. Events go where they went.",
        "The producer does not answer. Events that carry their own id can be sent again without being stored twice.",
    ];

    /// <summary>Holds the answer to what it promises, and gives its outcome in words.</summary>
    /// <param name="exchange">The answer.</param>
    /// <param name="look">Looks at the JSON of an answer that is no refusal, and gives words for it.</param>
    public static string Judge(Exchange exchange, Func<JsonElement, string>? look = null)
    {
        using var json = Parse(exchange);
        if (exchange.StatusCode < StatusCodes.Status400BadRequest)
        {
            return $"{exchange.StatusCode} {look?.Invoke(json.RootElement)}";
        }

        var detail = json.RootElement.TryGetProperty("detail", out var found) ? found.GetString() ?? "" : "";
        BrokenPromiseException.Unless(
            exchange.StatusCode < StatusCodes.Status500InternalServerError || (exchange.StatusCode == StatusCodes.Status503ServiceUnavailable && s_missingServers.Contains(detail)),
            $"the answer is {exchange.StatusCode}: {(exchange.Features.Get<IExceptionHandlerFeature>()?.Error is { } error ? Cut($"{error}") : Cut(exchange.AnswerText))}");
        BrokenPromiseException.Unless(
            json.RootElement.GetProperty("status").GetInt32() == exchange.StatusCode && exchange.Headers.ContentType.ToString().StartsWith("application/problem+json", StringComparison.Ordinal),
            $"a refusal is a problem with its status; it is {Cut(exchange.AnswerText)}");
        BrokenPromiseException.Unless(
            detail.Length > 0 || exchange.StatusCode == StatusCodes.Status404NotFound, $"a refusal says why; it is {Cut(exchange.AnswerText)}");
        return $"{exchange.StatusCode} {FuzzOutcome.Of(Rules(json.RootElement, detail))}";
    }

    private static JsonDocument Parse(Exchange exchange)
    {
        try
        {
            return JsonDocument.Parse(exchange.Answer);
        }
        catch (JsonException)
        {
            throw new BrokenPromiseException($"the answer {exchange.StatusCode} is no JSON: {Cut(exchange.AnswerText)}");
        }
    }

    /// <summary>The rules by themselves, where there are some: the names before them may be the request's own.</summary>
    private static string Rules(JsonElement problem, string detail) =>
        problem.TryGetProperty("errors", out var errors) && errors.ValueKind == JsonValueKind.Object
            ? string.Join("; ", errors.EnumerateObject().Take(3).Select(error => error.Value[0].GetString()))
            : detail;

    private static string Cut(string text) => text.Length <= 500 ? text : text[..500];

    /// <summary>Bytes as they can stand in the line of a request: what cannot is encoded.</summary>
    public static string InTarget(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes)
        {
            if (b is > (byte)' ' and < 0x7f and not (byte)'#' and not (byte)'"' and not (byte)'<' and not (byte)'>')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
