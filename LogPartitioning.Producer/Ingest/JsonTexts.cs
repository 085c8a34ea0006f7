using System.Text;
using System.Text.Json;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Names and texts of JSON as they are read from other protocols.</summary>
internal static class JsonTexts
{
    /// <summary>How an event of another protocol is read: how deep it is nested is no matter, since what is nested is kept as text.</summary>
    public static readonly JsonReaderOptions Options = new() { MaxDepth = int.MaxValue };

    /// <summary>
    /// The JSON of no event is larger: beside a message and attributes of the largest size, each character of them an escape, there is room for
    /// as much again. A larger one would be refused in the end, after more work.
    /// </summary>
    public const int MaxEventBytes = 1024 * 1024;

    /// <summary>The text that the reader stands at; null where it is none, or has half of a surrogate pair, which no text can hold.</summary>
    public static string? TextOf(in Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text that the reader stands at, with U+FFFD in place of what no text can hold; null where it is none.</summary>
    /// <param name="reader">Stands at the text, which is in UTF-8.</param>
    /// <param name="isWhole">Whether nothing had to be replaced.</param>
    public static string? ReadableOf(in Utf8JsonReader reader, out bool isWhole)
    {
        var text = TextOf(in reader);
        isWhole = text is not null || reader.TokenType != JsonTokenType.String;
        return isWhole ? text : Encoding.UTF8.GetString(ReplacedText.Of(reader.ValueSpan));
    }

    /// <summary>The text or the number that the reader stands at, as a text, with U+FFFD in place of what no text can hold; null where it is something else.</summary>
    public static string? ScalarOf(in Utf8JsonReader reader) =>
        reader.TokenType is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False ? Encoding.UTF8.GetString(reader.ValueSpan) : ReadableOf(in reader, out _);

    /// <summary>The name that the reader stands at, in UTF-8. One that no text can hold is given with its escapes.</summary>
    public static ReadOnlySpan<byte> NameOf(scoped in Utf8JsonReader reader) =>
        reader.ValueIsEscaped && TextOf(in reader) is { } name ? Encoding.UTF8.GetBytes(name) : reader.ValueSpan;
}
