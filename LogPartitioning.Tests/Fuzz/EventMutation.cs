using System.Text;

namespace LogPartitioning.Tests.Fuzz;

/// <summary>
/// Spoils one event while the JSON around it stays whole: the result is always exactly one JSON value without a line
/// break, so that a batch which holds it still has clear borders between its events. Some results are valid events.
/// </summary>
internal static class EventMutation
{
    private static readonly string[] Fields = ["id", "source", "level", "message", "timestamp", "attributes"];

    private static readonly Func<Random, string>[] Values =
    [
        _ => "null", _ => "true", _ => "false", _ => "0", _ => "-0", _ => "-1", _ => "1e308", _ => "1e309", _ => "-1e-400",
        _ => "1e999999999", _ => "0e999999", _ => new string('9', 400), _ => "0." + new string('3', 5000), _ => "123456789012345678901234567890",
        _ => "\"\"", _ => "\" \"", _ => "\"\\u0000\"", _ => "\"a\\u0000b\"", _ => "\"\\ud800\"", _ => "\"\\udc00x\"", _ => "\"\\ud83d\\ude00\"",
        _ => "\"\\ud83dx\\ude00\"", _ => "\"\\u001f\"", _ => "\"\\r\\n\"", _ => "[]", _ => "{}", _ => "[null]", _ => "{\"a\":{\"b\":1}}",
        _ => "\"0000-00-00T00:00:00Z\"", _ => "\"9999-12-31T23:59:59.9999999Z\"", _ => "\"0001-01-01T00:00:00+14:00\"",
        _ => "\"2026-02-30T00:00:00Z\"", _ => "\"2026-12-31T23:59:60Z\"", _ => "\"2026-01-01\"", _ => "\"2026-01-01T00:00:00\"",
        _ => "\"00000000-0000-0000-0000-000000000000\"", _ => "\"ffffffff-ffff-ffff-ffff-ffffffffffff\"", _ => "\"{0199b0c4}\"",
        r => '"' + new string('x', r.Next(250, 260)) + '"',
        r => '"' + new string('m', r.Next(65_530, 65_545)) + '"',
        r => '"' + string.Concat(Enumerable.Repeat("漢", r.Next(21_840, 21_850))) + '"',
        r => '"' + string.Concat(Enumerable.Repeat("\\u0001", r.Next(1, 2000))) + '"',
        r => Nested(r.Next(1, 300)),
        r => Nested(r.Next(300, 6000)),
        r => Attributes(r.Next(60, 70)),
        _ => "{\"a\":1,\"a\":2}",
        r => $"{{\"{new string('n', r.Next(126, 131))}\":1}}",
        _ => "{\"\":1}",
        _ => "{\"n\":1e131073,\"m\":1e-16384,\"o\":0e999999}",
        r => $"\"{r.Next()}\"",
        r => r.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];

    public static byte[] Apply(GoodEvent good, Random random)
    {
        var json = Encoding.UTF8.GetString(good.Json);
        var spoilt = random.Next(10) switch
        {
            0 => Values[random.Next(Values.Length)](random),
            1 => Add(json, $"\"{Fields[random.Next(Fields.Length)]}\":{Value(random)}", random),
            2 => Add(json, $"\"{(random.Next(2) == 0 ? "Source" : "unknown" + random.Next(100))}\":{Value(random)}", random),
            3 => $"[{json}]",
            4 => $"{{\"event\":{json}}}",
            5 => Rename(json, Fields[random.Next(Fields.Length)]),
            6 => Add(json, string.Concat(Enumerable.Range(0, random.Next(1, 400)).Select(i => $"\"f{i}\":{i},")).TrimEnd(','), random),
            _ => Replace(good, random),
        };
        return Encoding.UTF8.GetBytes(spoilt);
    }

    private static string Value(Random random) => Values[random.Next(Values.Length)](random);

    private static string Replace(GoodEvent good, Random random)
    {
        var chosen = Fields[random.Next(Fields.Length)];
        var parts = new List<string>();
        foreach (var field in Fields)
        {
            if (field == chosen)
            {
                if (random.Next(8) != 0)
                {
                    parts.Add($"\"{field}\":{Value(random)}");
                }
                continue;
            }
            switch (field)
            {
                case "id": parts.Add($"\"id\":\"{good.Id}\""); break;
                case "source": parts.Add($"\"source\":\"{good.Source}\""); break;
                case "message": parts.Add("\"message\":\"spoilt\""); break;
                default: break;
            }
        }
        return "{" + string.Join(',', parts) + "}";
    }

    private static string Add(string json, string member, Random random) =>
        random.Next(2) == 0 ? $"{{{member},{json[1..]}" : $"{json[..^1]},{member}}}";

    private static string Rename(string json, string field) =>
        json.Replace($"\"{field}\":", $"\"{field}s\":", StringComparison.Ordinal);

    private static string Nested(int depth) =>
        depth % 2 == 0
            ? new string('[', depth) + new string(']', depth)
            : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);

    private static string Attributes(int count) =>
        "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"k{i}\":{i}")) + "}";
}
