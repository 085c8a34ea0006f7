using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>An event that keeps every rule, and how a client might write it.</summary>
internal sealed record GoodEvent(Guid Id, string Source, string Message, byte[] Json)
{
    private static readonly string[] Levels =
        ["Trace", "Debug", "Information", "Warning", "Error", "Critical", "info", "WARN", "err", "fatal"];

    // Everything a text may hold and a careless reader might break on.
    private static readonly string[] Pieces =
        ["a", "Z", " ", "\t", "\"", "\\", "/", "\n", "é", "ß", "漢", "🙂", "\u2028", "{", "}", "[", "]", ",", ":", "null", "0", "\u007f", "\ufeff"];

    public static GoodEvent Create(Random random)
    {
        var id = new Guid(Bytes(random, 16));
        var source = $"fuzz-{random.Next(24)}";
        var message = Text(random, random.Next(64) == 0 ? 4000 : random.Next(40));
        return new GoodEvent(id, source, message, Write(random, id, source, message));
    }

    public static string Text(Random random, int pieces)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pieces; i++)
        {
            text.Append(random.Next(4) == 0 ? AnyCharacter(random) : Pieces[random.Next(Pieces.Length)]);
        }
        return text.ToString();
    }

    // Any of Unicode but U+0000, which no event may hold, and the halves of pairs.
    private static string AnyCharacter(Random random) =>
        char.ConvertFromUtf32(random.Next(2) == 0 ? random.Next(1, 0xD800) : random.Next(0xE000, 0x110000));

    public static byte[] Bytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Write(Random random, Guid id, string source, string message)
    {
        var fields = new List<Action<Utf8JsonWriter>>
        {
            w => w.WriteString("id", id),
            w => w.WriteString("source", source),
            w => w.WriteString("message", message),
        };
        if (random.Next(4) != 0)
        {
            var level = Levels[random.Next(Levels.Length)];
            fields.Add(w => w.WriteString("level", level));
        }
        if (random.Next(4) != 0)
        {
            // Within what the door takes: 30 days back, one ahead.
            var time = DateTimeOffset.UtcNow.AddMinutes(random.Next(-29 * 24 * 60, 23 * 60)).ToOffset(TimeSpan.FromHours(random.Next(-12, 13)));
            fields.Add(w => w.WriteString("timestamp", time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", System.Globalization.CultureInfo.InvariantCulture)));
        }
        if (random.Next(3) == 0)
        {
            var attributes = random.Next(1, 12);
            var seed = random.Next();
            fields.Add(w => WriteAttributes(w, new Random(seed), attributes));
        }
        var shuffled = fields.ToArray();
        random.Shuffle(shuffled);
        var buffer = new ArrayBufferWriter<byte>();
        var escape = random.Next(2) == 0 ? JavaScriptEncoder.Default : JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = escape }))
        {
            writer.WriteStartObject();
            foreach (var field in shuffled)
            {
                field(writer);
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteAttributes(Utf8JsonWriter writer, Random random, int count)
    {
        writer.WriteStartObject("attributes");
        for (var i = 0; i < count; i++)
        {
            var name = $"a{i}";
            switch (random.Next(5))
            {
                case 0: writer.WriteString(name, Text(random, 5)); break;
                case 1: writer.WriteNumber(name, random.NextInt64()); break;
                case 2: writer.WriteNumber(name, random.NextDouble() * 1e12); break;
                case 3: writer.WriteBoolean(name, random.Next(2) == 0); break;
                default: writer.WriteNull(name); break;
            }
        }
        writer.WriteEndObject();
    }
}
