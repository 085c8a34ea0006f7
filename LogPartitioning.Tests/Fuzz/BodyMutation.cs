using System.Text;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>Spoils the bytes of a whole body; nothing can be said of what is left of it.</summary>
internal static class BodyMutation
{
    private static readonly byte[][] Broken =
    [
        [0xff], [0xfe, 0xff], [0xc3, 0x28], [0xc0, 0x80], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98],
        [0x00], [0x0d], [0x0a], [0x0d, 0x0a], [0x1a], [0xef, 0xbb, 0xbf],
    ];

    private static readonly string[] Oddities =
    [
        "", " ", "\n", "\n\n\n", "null", "true", "0", "\"text\"", "[]", "{}", "[[]]", "[null]", "[{}]", "[1,2,3]", "{]", "[}", ",", "[,]",
        "{\"a\"}", "{'source':'a'}", "// comment\n{}", "[{}]]", "NaN", "-", "1e", "\"", "\\", "{\"source\":\"a\",\"message\":\"b\",}", "\u0000",
    ];

    public static byte[] Apply(byte[] body, Random random)
    {
        var spoilt = (byte[])body.Clone();
        for (var round = random.Next(1, 4); round > 0; round--)
        {
            spoilt = Once(spoilt, random);
        }
        return spoilt;
    }

    private static byte[] Once(byte[] body, Random random)
    {
        var at = random.Next(body.Length + 1);
        var to = Math.Min(body.Length, at + random.Next(1, 64));
        switch (random.Next(14))
        {
            case 0: return body[..at];
            case 1: return body[at..];
            case 2: return [.. body[..at], .. body[to..]];
            case 3: return [.. body[..to], .. body[at..]];
            case 4: return [.. body[..at], .. Broken[random.Next(Broken.Length)], .. body[at..]];
            case 5: return [.. body[..at], .. GoodEvent.Bytes(random, random.Next(1, 40)), .. body[at..]];
            case 6: return Flip(body, random);
            case 7: return Encoding.UTF8.GetBytes(Oddities[random.Next(Oddities.Length)]);
            case 8: return Encode(body, random);
            case 9: return [.. body, .. body];
            case 10: return Encoding.ASCII.GetBytes(new string(random.Next(2) == 0 ? '[' : '{', random.Next(1, 50_000)));
            case 11: return [.. body, .. Encoding.UTF8.GetBytes(Oddities[random.Next(Oddities.Length)])];
            case 12: return Swap(body, random);
            default: return GoodEvent.Bytes(random, random.Next(0, 400));
        }
    }

    private static byte[] Flip(byte[] body, Random random)
    {
        for (var n = body.Length == 0 ? 0 : random.Next(1, 16); n > 0; n--)
        {
            body[random.Next(body.Length)] ^= (byte)(1 << random.Next(8));
        }
        return body;
    }

    private static byte[] Swap(byte[] body, Random random)
    {
        const string Structure = "{}[]:,\"\\\n 0-e.";
        for (var n = body.Length == 0 ? 0 : random.Next(1, 6); n > 0; n--)
        {
            body[random.Next(body.Length)] = (byte)Structure[random.Next(Structure.Length)];
        }
        return body;
    }

    private static byte[] Encode(byte[] body, Random random)
    {
        var text = Encoding.UTF8.GetString(body);
        Encoding encoding = random.Next(5) switch
        {
            0 => Encoding.Unicode,
            1 => Encoding.BigEndianUnicode,
            2 => Encoding.UTF32,
            3 => Encoding.Latin1,
            _ => new UTF8Encoding(true),
        };
        return [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
    }
}
