using System.Text;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>Makes inputs of others: bytes are changed, put in, taken out, repeated and taken from another input.</summary>
internal sealed class InputMutation(Random random)
{
    /// <summary>No input is longer, but for those of <see cref="Large"/>.</summary>
    public const int MaxBytes = 64 * 1024;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\n", "\r\n", " ", "null", "true", "\"\"", "[]", "{}", "{\"a\":", "[[[[[[[[", "]]]]]]]]", "\"a\":1,",
            "0", "-1", "-0", "1.5", "00", "1e999", "1e-400", "0e999999", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808", "NaN",
            "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\u001f", "\\n", "\\", "\\x", "\\u12", "//", "/*", "*/", "#", "&", "=", "?", "/", ".", "..", "%", "%00", "%2F",
            "%252F", "%ED%A0%80", "%FF", "%u0041", "+", ";", "\"all\"", "\"id\":", "\"source\":", "\"level\":", "\"message\":", "\"timestamp\":", "\"attributes\":", "\"v\":", "\"event\":",
            "\"partition\":", "\"offset\":", "\"from\":", "\"keys\":", "\"items\":[", "\"topic\":", "\"topicId\":", "\"partitions\":", "\"action\":", "\"roles\":",
            "source=", "level=", "from=", "to=", "contains=", "limit=", "cursor=", "charset=", "2026-11-22T07:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z",
            "00000000-0000-0000-0000-000000000000", "0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21", "AAAA", "====", "\u2028", "漢", "🙂", "\ufeff", "\u0000", "\t", "\u007f",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xfe, 0xff], [0xc3, 0x28], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98], [0x80], [0x1a],
    ];

    private readonly List<byte> _bytes = [];

    /// <summary>An input made of <paramref name="seed"/>, with parts of <paramref name="other"/> here and there.</summary>
    public byte[] Apply(byte[] seed, byte[] other)
    {
        _bytes.Clear();
        _bytes.AddRange(seed);
        // Mostly one change, since most of several make each other unseen.
        var rounds = 1;
        while (rounds < 8 && random.Next(2) == 0)
        {
            rounds++;
        }

        for (; rounds > 0; rounds--)
        {
            Once(other);
        }

        if (_bytes.Count > MaxBytes)
        {
            _bytes.RemoveRange(MaxBytes, _bytes.Count - MaxBytes);
        }

        return [.. _bytes];
    }

    /// <summary>One of up to 2 MB: a part of <paramref name="seed"/>, or a token, over and over again.</summary>
    public byte[] Large(byte[] seed)
    {
        _bytes.Clear();
        _bytes.AddRange(seed);
        var at = random.Next(_bytes.Count + 1);
        var part = random.Next(2) == 0 ? Tokens[random.Next(Tokens.Length)] : [.. _bytes.Skip(at).Take(random.Next(1, 200))];
        var times = part.Length == 0 ? 0 : random.Next(MaxBytes, 2 * 1024 * 1024) / part.Length;
        var repeated = new byte[times * part.Length];
        for (var n = 0; n < times; n++)
        {
            part.CopyTo(repeated, n * part.Length);
        }

        _bytes.InsertRange(at, repeated);
        return [.. _bytes];
    }

    private void Once(byte[] other)
    {
        var at = random.Next(_bytes.Count + 1);
        var length = Math.Min(_bytes.Count - at, Length());
        switch (random.Next(16))
        {
            case 0 when at < _bytes.Count:
                _bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < _bytes.Count:
                _bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                _bytes.RemoveRange(at, length);
                break;
            case 3:
                _bytes.RemoveRange(at, _bytes.Count - at);
                break;
            case 4:
                _bytes.InsertRange(random.Next(_bytes.Count + 1), _bytes.GetRange(at, length));
                break;
            case 5:
                Repeat(at, length);
                break;
            case 6 or 7:
                Splice(at, length, other);
                break;
            case 8:
                ReplaceValue(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 9:
                ReplaceString(at);
                break;
            case 10:
                _bytes.RemoveRange(at, length);
                _bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
            case 11 when at < _bytes.Count:
                _bytes[at] = (byte)"{}[]:,\"\\\n 0-e.%&=+"[random.Next(18)];
                break;
            default:
                _bytes.InsertRange(at, Tokens[random.Next(Tokens.Length)]);
                break;
        }
    }

    /// <summary>Short as a rule.</summary>
    private int Length() => random.Next(1, 1 << random.Next(1, 9));

    private void Repeat(int at, int length)
    {
        if (length == 0)
        {
            return;
        }

        var part = _bytes.GetRange(at, length);
        for (var times = random.Next(1, random.Next(64) == 0 ? 4_096 : 8); times > 0 && _bytes.Count < MaxBytes; times--)
        {
            _bytes.InsertRange(at, part);
        }
    }

    private void Splice(int at, int length, byte[] other)
    {
        var from = random.Next(other.Length + 1);
        var part = other.AsSpan(from, Math.Min(other.Length - from, Length()));
        if (random.Next(2) == 0)
        {
            _bytes.RemoveRange(at, length);
        }

        _bytes.InsertRange(at, part);
    }

    /// <summary>Puts another value behind the next colon, or equals sign, in the place of what stands there.</summary>
    private void ReplaceValue(int at, byte[] value)
    {
        var colon = _bytes.FindIndex(at, b => b is (byte)':' or (byte)'=');
        if (colon < 0)
        {
            return;
        }

        var end = _bytes.FindIndex(colon, b => b is (byte)',' or (byte)'}' or (byte)']' or (byte)'&');
        end = end < 0 ? _bytes.Count : end;
        _bytes.RemoveRange(colon + 1, end - colon - 1);
        _bytes.InsertRange(colon + 1, value);
    }

    /// <summary>Puts a token into the next text, at its start.</summary>
    private void ReplaceString(int at)
    {
        var quote = _bytes.FindIndex(at, b => b == (byte)'"');
        if (quote >= 0)
        {
            _bytes.InsertRange(quote + 1, Tokens[random.Next(Tokens.Length)]);
        }
    }
}
