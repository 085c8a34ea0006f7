using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace LogPartitioning.Core.Events;

/// <summary>The spellings of a <see cref="Severity"/> that loggers in use today write.</summary>
public static class SeverityNames
{
    private static readonly string[] Canonical = Enum.GetNames<Severity>();

    private static readonly byte[][] s_canonicalUtf8 = [.. Canonical.Select(Encoding.ASCII.GetBytes)];

    private static readonly FrozenDictionary<string, Severity> Spellings = new Dictionary<string, Severity>
    {
        ["trace"] = Severity.Trace,
        ["trc"] = Severity.Trace,
        ["verbose"] = Severity.Trace,
        ["vrb"] = Severity.Trace,
        ["finest"] = Severity.Trace,
        ["finer"] = Severity.Trace,
        ["debug"] = Severity.Debug,
        ["dbg"] = Severity.Debug,
        ["fine"] = Severity.Debug,
        ["information"] = Severity.Information,
        ["informational"] = Severity.Information,
        ["info"] = Severity.Information,
        ["inf"] = Severity.Information,
        ["notice"] = Severity.Information,
        ["warning"] = Severity.Warning,
        ["warn"] = Severity.Warning,
        ["wrn"] = Severity.Warning,
        ["error"] = Severity.Error,
        ["err"] = Severity.Error,
        ["eror"] = Severity.Error,
        ["severe"] = Severity.Error,
        ["critical"] = Severity.Critical,
        ["crit"] = Severity.Critical,
        ["fatal"] = Severity.Critical,
        ["ftl"] = Severity.Critical,
        ["alert"] = Severity.Critical,
        ["emergency"] = Severity.Critical,
        ["emerg"] = Severity.Critical,
        ["panic"] = Severity.Critical,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, Severity>.AlternateLookup<ReadOnlySpan<char>> s_spellings = Spellings.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>No spelling is longer.</summary>
    private static readonly int MaxCharacters = Spellings.Keys.Max(spelling => spelling.Length);

    /// <summary>The one name under which <paramref name="level"/> is written: <c>Trace</c> to <c>Critical</c>.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="level"/> is not a defined severity.</exception>
    public static string Of(Severity level) => Canonical[(int)level];

    /// <summary>Understands any usual spelling, in any case: <c>info</c>, <c>WARN</c>, <c>err</c>, <c>fatal</c> and the like.</summary>
    /// <returns>Whether <paramref name="text"/> is one of them. Numbers and surrounding blanks are not.</returns>
    public static bool TryParse(string? text, out Severity level)
    {
        level = default;
        return text is not null && Spellings.TryGetValue(text, out level);
    }

    /// <summary>Understands the same as <see cref="TryParse(string?, out Severity)"/>, in ASCII.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> ascii, out Severity level)
    {
        Span<char> text = stackalloc char[MaxCharacters];
        level = default;
        return ascii.Length <= text.Length && Ascii.ToUtf16(ascii, text, out var length) == OperationStatus.Done && s_spellings.TryGetValue(text[..length], out level);
    }

    /// <summary>What <see cref="Of"/> gives, in ASCII.</summary>
    internal static ReadOnlySpan<byte> Utf8Of(Severity level) => s_canonicalUtf8[(int)level];

    /// <summary>Understands the same as <see cref="TryParseCanonical(string?, out Severity)"/>, in ASCII.</summary>
    internal static bool TryParseCanonical(ReadOnlySpan<byte> ascii, out Severity level)
    {
        for (level = Severity.Trace; level <= Severity.Critical; level++)
        {
            if (ascii.SequenceEqual(Utf8Of(level)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Understands the canonical names alone, exactly as <see cref="Of"/> writes them.</summary>
    public static bool TryParseCanonical(string? text, out Severity level)
    {
        var index = text is null ? -1 : Array.IndexOf(Canonical, text);
        level = index < 0 ? default : (Severity)index;
        return index >= 0;
    }
}
