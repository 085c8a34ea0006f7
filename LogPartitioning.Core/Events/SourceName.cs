using System.Text;
using System.Text.Unicode;

namespace LogPartitioning.Core.Events;

/// <summary>Makes the source of an event of what another protocol calls its program, host or stream.</summary>
public static class SourceName
{
    /// <summary>The source for a name in UTF-8.</summary>
    /// <param name="name">The name.</param>
    /// <param name="fallback">The source of events that name none.</param>
    /// <param name="isExact">Whether the source is the name itself.</param>
    public static string Of(ReadOnlySpan<byte> name, string fallback, out bool isExact)
    {
        if (name.Length is > 0 and <= EventRules.MaxSourceCharacters && !name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
        {
            isExact = true;
            return SourceTexts.Of(name);
        }

        var source = Of(Encoding.UTF8.GetString(name), fallback);
        isExact = Utf8.IsValid(name) && name.Length > 0 && Encoding.UTF8.GetByteCount(source) == name.Length && Encoding.UTF8.GetBytes(source).AsSpan().SequenceEqual(name);
        return source;
    }

    /// <summary>The source for a name: without control characters, and cut to the length that a source may have.</summary>
    /// <param name="name">The name; null or empty where there is none.</param>
    /// <param name="fallback">The source of events that name none.</param>
    public static string Of(string? name, string fallback)
    {
        if (string.IsNullOrEmpty(name))
        {
            return fallback;
        }

        if (EventRules.BrokenBySource(name) is null)
        {
            return name;
        }

        var source = new StringBuilder(name.Length);
        var characters = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (++characters > EventRules.MaxSourceCharacters)
            {
                break;
            }

            source.Append(Rune.IsControl(rune) ? Rune.ReplacementChar : rune);
        }

        return source.ToString();
    }
}
