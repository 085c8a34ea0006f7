using System.Buffers;

namespace LogPartitioning.Core.Events;

/// <summary>What <see cref="PlainEventParser"/> and <see cref="PlainRecordParser"/> take for usual in JSON.</summary>
internal static class PlainJson
{
    /// <summary>Longer events are rare, and their limits are not looked at by these parsers.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Of digits and a point alone, a number of this length is in the range of a 64-bit float.</summary>
    private const int MaxNumberCharacters = 20;

    /// <summary>ASCII that stands in a JSON text as it is.</summary>
    public static readonly SearchValues<byte> Ascii = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (byte)c).Where(c => c is not ((byte)'"' or (byte)'\\'))]);

    /// <summary>What the short escape with this letter stands for; 0 where it is none that the writer of records writes.</summary>
    public static byte Meaning(byte escape) => escape switch
    {
        (byte)'"' or (byte)'\\' => escape,
        (byte)'n' => (byte)'\n',
        (byte)'r' => (byte)'\r',
        (byte)'t' => (byte)'\t',
        (byte)'b' => (byte)'\b',
        (byte)'f' => (byte)'\f',
        _ => 0,
    };

    /// <summary>The length of a plain number, true, false or null; 0 where it is none. What follows it is looked at by whoever goes on.</summary>
    public static int LengthOfScalar(ReadOnlySpan<byte> text) =>
        text.IsEmpty ? 0 : text.StartsWith("true"u8) || text.StartsWith("null"u8) ? 4 : text.StartsWith("false"u8) ? 5 : LengthOfNumber(text);

    private static int LengthOfNumber(ReadOnlySpan<byte> text)
    {
        var at = text[0] == (byte)'-' ? 1 : 0;
        var digits = DigitsAt(text, at);
        if (digits == 0 || (digits > 1 && text[at] == (byte)'0'))
        {
            return 0;
        }

        at += digits;
        if (at < text.Length && text[at] == (byte)'.')
        {
            digits = DigitsAt(text, at + 1);
            at += digits == 0 ? MaxNumberCharacters + 1 : digits + 1;
        }

        return at <= MaxNumberCharacters ? at : 0;
    }

    private static int DigitsAt(ReadOnlySpan<byte> text, int at)
    {
        var end = at;
        while (end < text.Length && char.IsAsciiDigit((char)text[end]))
        {
            end++;
        }

        return end - at;
    }
}
