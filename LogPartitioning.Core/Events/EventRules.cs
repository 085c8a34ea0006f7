using System.Text;

namespace LogPartitioning.Core.Events;

/// <summary>
/// The limits of an event's fields, and the checks that more than one reader needs. Together they bound a record's
/// value below 600 KiB (a message of control characters grows sixfold in JSON), so that it always fits the brokers'
/// default limit of 1 MB.
/// </summary>
public static class EventRules
{
    /// <summary>The longest source, in characters (Unicode scalar values: an emoji is one).</summary>
    public const int MaxSourceCharacters = 255;

    /// <summary>The longest message, in bytes of UTF-8.</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>The most entries in <c>attributes</c>.</summary>
    public const int MaxAttributes = 64;

    /// <summary>The longest name of an attribute, in characters (Unicode scalar values).</summary>
    public const int MaxAttributeNameCharacters = 128;

    /// <summary>The largest <c>attributes</c> object, in bytes of compact JSON.</summary>
    public const int MaxAttributesBytes = 64 * 1024;

    /// <summary>The longest number in <c>attributes</c>, in digits and signs as written.</summary>
    public const int MaxNumberCharacters = 64;

    /// <summary>No record's value is larger, in bytes.</summary>
    public const int MaxRecordBytes = 600 * 1024;

    /// <summary>Checks a source by itself, as the source of an event or of a request about one.</summary>
    /// <returns>The rule that it breaks, or null.</returns>
    public static string? BrokenBySource(string source)
    {
        if (source.Length == 0)
        {
            return $"must have 1 to {MaxSourceCharacters} characters";
        }

        return BrokenByName(source, MaxSourceCharacters);
    }

    /// <summary>How long a text is, as every limit on characters counts it: in Unicode characters, not in UTF-16 units.</summary>
    public static int CharactersOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var characters = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            characters++;
        }

        return characters;
    }

    internal static string? BrokenByName(string name, int maxCharacters)
    {
        var characters = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            characters++;
            if (Rune.IsControl(rune))
            {
                return "must not contain control characters";
            }
        }

        // EnumerateRunes turns half a surrogate pair into U+FFFD, which the text itself may hold too.
        if (HasLoneSurrogate(name))
        {
            return "must not contain half of a surrogate pair";
        }

        return characters > maxCharacters ? $"must have 1 to {maxCharacters} characters" : null;
    }

    internal static string? BrokenByText(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return "must not contain U+0000, which PostgreSQL cannot store";
        }

        return HasLoneSurrogate(text) ? "must not contain half of a surrogate pair" : null;
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }
}
