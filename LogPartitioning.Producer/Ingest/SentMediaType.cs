using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Net.Http.Headers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The media type of a body that may be packed, for protocols whose clients name it loosely or not at all.</summary>
internal static class SentMediaType
{
    private const int MaxShown = 128;

    private static readonly string[] s_utf8 = ["utf-8", "utf8", "us-ascii", "ascii"];

    /// <summary>In lower case and without parameters; empty where none is named.</summary>
    /// <exception cref="RequestRefusedException">415: it is no media type, or the text is not UTF-8.</exception>
    public static string Of(HttpRequest request)
    {
        var header = request.ContentType?.Trim(' ', '\t', ';') ?? "";
        if (header.Length == 0)
        {
            return "";
        }

        if (!MediaTypeHeaderValue.TryParse(header, out var type))
        {
            throw RequestRefusedException.UnsupportedMediaType($"Content-Type is \"{Shown(header)}\", which is no media type.");
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset).Value;
        if (charset is not (null or "") && !s_utf8.Contains(charset.Trim(), StringComparer.OrdinalIgnoreCase))
        {
            throw RequestRefusedException.UnsupportedMediaType($"The charset is {Shown(charset)}; the body must be in utf-8.");
        }

        return type.MediaType.Value!.ToLowerInvariant();
    }

    /// <summary>415 for a media type that the protocol does not have.</summary>
    public static RequestRefusedException Refused(string mediaType, string accepted) =>
        RequestRefusedException.UnsupportedMediaType(BodyMediaType.Refusal(mediaType, accepted));

    private static string Shown(string text) => text.Length <= MaxShown ? text : $"{text[..MaxShown]}…";
}
