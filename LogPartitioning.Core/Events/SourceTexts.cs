using System.Text;

namespace LogPartitioning.Core.Events;

/// <summary>
/// The texts of sources and keys that came lately, found by their bytes: events of one source share one text. A table of fixed size in which the
/// latest of two sources with one place stays. Safe for concurrent use: an entry is never changed.
/// </summary>
public static class SourceTexts
{
    private const int Places = 4096;

    /// <summary>No source is longer, nor a key of one. What others write into the topic may be, and would be kept here.</summary>
    private const int MaxBytes = 4 * EventRules.MaxSourceCharacters + 16;

    private static readonly Entry?[] s_entries = new Entry?[Places];

    /// <summary>The text of <paramref name="utf8"/>, which is valid.</summary>
    public static string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var place = ref s_entries[hash.ToHashCode() & (Places - 1)];
        if (Volatile.Read(ref place) is { } entry && utf8.SequenceEqual(entry.Utf8))
        {
            return entry.Text;
        }

        var made = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        Volatile.Write(ref place, made);
        return made.Text;
    }

    private sealed record Entry(byte[] Utf8, string Text);
}
