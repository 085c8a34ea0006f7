using System.Buffers.Text;
using System.Text;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>Reads the labels of a stream as a text: <c>{app="shop", path="C:\\logs"}</c>, with the escapes of strings in Go.</summary>
internal static class LabelSet
{
    /// <summary>Reads the labels.</summary>
    /// <returns>False where the text is no list of labels; <paramref name="labels"/> says nothing then.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, LabelPairs labels)
    {
        labels.Clear();
        text = text.Trim(" \t\r\n"u8);
        if (text.Length < 2 || text[0] != (byte)'{' || text[^1] != (byte)'}')
        {
            return false;
        }

        var rest = text[1..^1].Trim(" \t\r\n"u8);
        var value = new byte[rest.Length];
        while (rest.Length > 0)
        {
            var equals = rest.IndexOf((byte)'=');
            if (equals <= 0)
            {
                return false;
            }

            var name = rest[..equals].TrimEnd(" \t\r\n"u8);
            rest = rest[(equals + 1)..].TrimStart(" \t\r\n"u8);
            if (name.Length == 0 || name.ContainsAny("\"{},"u8) || !TryUnquote(ref rest, value, out var length))
            {
                return false;
            }

            labels.Add(name, value.AsSpan(0, length));
            rest = rest.TrimStart(" \t\r\n"u8);
            if (rest.Length > 0 && rest[0] != (byte)',')
            {
                return false;
            }

            rest = rest.Length == 0 ? rest : rest[1..].TrimStart(" \t\r\n"u8);
        }

        return true;
    }

    /// <summary>Reads a string in quotes, or in backquotes, where nothing is an escape, and passes over it.</summary>
    /// <param name="rest">Begins with the quote.</param>
    /// <param name="value">Where the value goes; it is never longer than it is written.</param>
    /// <param name="length">How long the value is.</param>
    private static bool TryUnquote(ref ReadOnlySpan<byte> rest, Span<byte> value, out int length)
    {
        length = 0;
        if (rest.IsEmpty || rest[0] is not ((byte)'"' or (byte)'`'))
        {
            return false;
        }

        var quote = rest[0];
        rest = rest[1..];
        while (true)
        {
            var special = quote == (byte)'`' ? rest.IndexOf(quote) : rest.IndexOfAny((byte)'"', (byte)'\\');
            if (special < 0)
            {
                return false;
            }

            rest[..special].CopyTo(value[length..]);
            length += special;
            var isEnd = rest[special] == quote;
            rest = rest[(special + 1)..];
            if (isEnd)
            {
                return true;
            }

            if (!TryEscape(ref rest, value, ref length))
            {
                return false;
            }
        }
    }

    private static bool TryEscape(ref ReadOnlySpan<byte> rest, Span<byte> value, ref int length)
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        var (digits, isByte) = rest[0] switch
        {
            (byte)'x' => (2, true),
            (byte)'u' => (4, false),
            (byte)'U' => (8, false),
            _ => (0, false),
        };
        if (digits > 0)
        {
            if (rest.Length <= digits || !TryHex(rest.Slice(1, digits), out var number) || !TryWrite(number, isByte, value, ref length))
            {
                return false;
            }

            rest = rest[(digits + 1)..];
            return true;
        }

        if (rest[0] is >= (byte)'0' and <= (byte)'3')
        {
            if (rest.Length < 3 || rest[..3].ContainsAnyExceptInRange((byte)'0', (byte)'7'))
            {
                return false;
            }

            value[length++] = (byte)(((rest[0] - '0') << 6) | ((rest[1] - '0') << 3) | (rest[2] - '0'));
            rest = rest[3..];
            return true;
        }

        if (MeaningOf(rest[0]) is not { } meaning)
        {
            return false;
        }

        value[length++] = meaning;
        rest = rest[1..];
        return true;
    }

    private static bool TryHex(ReadOnlySpan<byte> digits, out uint number) =>
        Utf8Parser.TryParse(digits, out number, out var used, 'x') && used == digits.Length;

    private static bool TryWrite(uint number, bool isByte, Span<byte> value, ref int length)
    {
        if (isByte)
        {
            value[length++] = (byte)number;
            return true;
        }

        if (!Rune.IsValid(number))
        {
            return false;
        }

        length += new Rune(number).EncodeToUtf8(value[length..]);
        return true;
    }

    private static byte? MeaningOf(byte escape) => (char)escape switch
    {
        'a' => (byte)'\a',
        'b' => (byte)'\b',
        'f' => (byte)'\f',
        'n' => (byte)'\n',
        'r' => (byte)'\r',
        't' => (byte)'\t',
        'v' => (byte)'\v',
        '\\' or '"' or '\'' => escape,
        _ => null,
    };
}
