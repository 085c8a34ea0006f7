using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace LogPartitioning.Core.Events;

/// <summary>
/// What a record says beyond the fields of an event. It is kept among the attributes, each field as <c>record.&lt;name&gt;</c>
/// with its JSON as text: that can hold whatever JSON can, a NUL character and 10,000 levels of nesting included.
/// </summary>
internal sealed class UnknownFields
{
    private const int MaxNameCharacters = 200;

    private readonly List<(string Name, string Json)> _fields = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public void Add(string name, ReadOnlySpan<byte> json, string prefix = "") => _fields.Add((NameOf(prefix + name), Encoding.UTF8.GetString(json)));

    /// <summary>The attributes with what was added.</summary>
    /// <param name="attributes">A JSON object, or null.</param>
    public string AddTo(string? attributes)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            foreach (var (name, json) in _fields)
            {
                writer.WriteString(name, json);
            }

            writer.WriteEndObject();
        }

        var added = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return attributes is null or "{}" ? added : $"{attributes[..^1]},{added[1..]}";
    }

    /// <summary>A name that can be an attribute's: without control characters, of a bounded length, and unlike those before it.</summary>
    private string NameOf(string name)
    {
        var text = new StringBuilder("record.");
        foreach (var rune in name.EnumerateRunes().Take(MaxNameCharacters))
        {
            text.Append(Rune.IsControl(rune) ? Rune.ReplacementChar : rune);
        }

        var wanted = text.ToString();
        if (_names.Add(wanted))
        {
            return wanted;
        }

        // Goes on from the last number: a record may have one name in every place where it can have one.
        var number = _numbers.GetValueOrDefault(wanted, 1);
        string numbered;
        do
        {
            numbered = string.Create(CultureInfo.InvariantCulture, $"{wanted}#{++number}");
        }
        while (!_names.Add(numbered));
        _numbers[wanted] = number;
        return numbered;
    }
}
