using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Reads a text of JSON that no text can hold as it is, with U+FFFD in place of what is no character: bytes that are no UTF-8, half of a surrogate pair.</summary>
internal static partial class ReplacedText
{
    /// <summary>The text in UTF-8.</summary>
    /// <param name="escaped">The text between its quotes, as it stands in well-formed JSON.</param>
    public static byte[] Of(ReadOnlySpan<byte> escaped)
    {
        var whole = Escapes.Replace(Encoding.UTF8.GetString(escaped), escape => escape.Groups["half"].Success ? @"\ufffd" : escape.Value);
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes($"\"{whole}\""));
        reader.Read();
        return Encoding.UTF8.GetBytes(reader.GetString()!);
    }

    /// <summary>All escapes, one after the other, so that the second half of a pair is seen as such and a backslash that is escaped begins none.</summary>
    [GeneratedRegex(@"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", RegexOptions.CultureInvariant)]
    private static partial Regex Escapes { get; }
}
