using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>
/// What a request says of its body, read liberally where the meaning is sure: spelling, case, quotes, parameters that say nothing
/// about the bytes, and names of character sets that are UTF-8 or a part of it.
/// </summary>
public static class BodyMediaType
{
    /// <summary>JSON itself.</summary>
    public const string Json = "application/json";

    private static readonly string[] s_utf8 = ["utf-8", "utf8", "us-ascii", "ascii"];

    /// <summary>The media type in lower case and without parameters.</summary>
    /// <param name="request">The request.</param>
    /// <param name="accepted">What the body may be, to say it where it is something else.</param>
    /// <param name="problem">Which part of the headers is wrong, when null is returned.</param>
    public static string? Of(HttpRequest request, string accepted, out string problem)
    {
        ArgumentNullException.ThrowIfNull(request);
        problem = "";
        if (Encoding(request) is { } encoding)
        {
            problem = $"Content-Encoding is \"{encoding}\"; the body must be sent as it is, without one.";
            return null;
        }

        var header = string.Join(", ", request.Headers.ContentType.Distinct(StringComparer.OrdinalIgnoreCase)).Trim(' ', '\t', ';');
        if (header.Length == 0)
        {
            problem = $"There is no Content-Type; it must be {accepted}.";
            return null;
        }

        if (!MediaTypeHeaderValue.TryParse(header, out var type))
        {
            problem = $"Content-Type is \"{Shown(header)}\", which is no media type; it must be {accepted}.";
            return null;
        }

        foreach (var parameter in type.Parameters.Where(parameter => parameter.Name.Equals("charset", StringComparison.OrdinalIgnoreCase)))
        {
            if (!s_utf8.Contains(parameter.GetUnescapedValue().Value?.Trim(), StringComparer.OrdinalIgnoreCase))
            {
                problem = $"The charset is {Shown(parameter.Value.ToString())}; the body must be in utf-8.";
                return null;
            }
        }

        return type.MediaType.Value!.ToLowerInvariant();
    }

    /// <summary>Whether the media type is JSON, by its own name or by its suffix.</summary>
    public static bool IsJson(string mediaType)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        return mediaType is Json or "text/json" || (mediaType.StartsWith("application/", StringComparison.Ordinal) && mediaType.EndsWith("+json", StringComparison.Ordinal));
    }

    /// <summary>Why another media type is refused.</summary>
    public static string Refusal(string mediaType, string accepted) => $"The media type is {Shown(mediaType)}; it must be {accepted}.";

    /// <summary>The first encoding that changes the bytes; null when there is none.</summary>
    private static string? Encoding(HttpRequest request) => request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding)
        .FirstOrDefault(encoding => encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase));

    private static string Shown(string text) => text.Length <= 128 ? text : $"{text[..128]}…";
}
