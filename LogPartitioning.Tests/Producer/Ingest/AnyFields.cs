using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>Fields with names and values of all kinds, and what must be found of them in an event.</summary>
internal static class AnyFields
{
    private const int MaxDepth = 4;
    private static readonly string[] s_pieces = ["a", "Order", "é", "日本", "😀", " ", "\"", "\\", "\n", "\t", "\0", "\u001b", "\u2028", "{", "}", "{a}", "]", "@", ".", "1", "null"];

    /// <summary>An object of up to eight fields whose names begin with a letter and are each other's no beginnings.</summary>
    public static JsonObject Object(Random random, int depth = 0)
    {
        var fields = new JsonObject();
        for (var i = random.Next(8); i > 0; i--)
        {
            fields[$"f{i}{Name(random)}"] = Value(random, depth);
        }

        return fields;
    }

    /// <summary>A text of some pieces.</summary>
    public static string Text(Random random, int pieces = 6) => string.Concat(Enumerable.Range(0, random.Next(pieces)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));

    /// <summary>As a client may write it, in lines or not.</summary>
    public static string Written(JsonNode node, Random random) => node.ToJsonString(new JsonSerializerOptions
    {
        Encoder = random.Next(2) == 0 ? System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping : System.Text.Encodings.Web.JavaScriptEncoder.Default,
    });

    /// <summary>Whether a field is there: as an attribute, an object or an array as its JSON; or in <c>more</c>, where an event cannot have it so.</summary>
    public static bool IsKept(JsonObject attributes, string name, JsonNode? value)
    {
        if (attributes.TryGetPropertyValue(name, out var kept) && Means(kept, value))
        {
            return true;
        }

        return attributes["more"] is { } more && JsonNode.Parse(more.GetValue<string>())!.AsObject().TryGetPropertyValue(name, out var beside) && JsonNode.DeepEquals(beside, value);
    }

    private static bool Means(JsonNode? kept, JsonNode? value) => value is JsonObject or JsonArray
        ? kept?.GetValueKind() == JsonValueKind.String && JsonNode.DeepEquals(JsonNode.Parse(kept.GetValue<string>()), value)
        : JsonNode.DeepEquals(kept, value);

    private static string Name(Random random) => Text(random, 3).Replace(".", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal);

    private static JsonNode? Value(Random random, int depth) => random.Next(depth < MaxDepth ? 8 : 5) switch
    {
        0 => Text(random),
        1 => random.Next(-1000, 1000),
        2 => random.NextDouble(),
        3 => random.Next(2) == 0,
        4 => null,
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1))]),
        6 => Object(random, depth + 1),
        _ => Encoding.UTF8.GetString(new byte[random.Next(300)].Select(_ => (byte)random.Next(' ', '~')).ToArray()),
    };
}
