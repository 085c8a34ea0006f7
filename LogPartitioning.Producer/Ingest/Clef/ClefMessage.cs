using System.Buffers;
using System.Text;
using System.Text.Json;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>
/// The message of an event that has only its template: each <c>{Name}</c> replaced by the property's value. Formats are not applied here: a sender that
/// uses one says in <c>@r</c> what came of it. For one thread.
/// </summary>
internal sealed class ClefMessage
{
    /// <summary>A message has no more of them; what is beyond stays as it stands in the template.</summary>
    private const int MaxHoles = 1000;

    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly List<Property> _properties = [];

    /// <summary>Begins another event.</summary>
    public void Begin() => _properties.Clear();

    /// <summary>Notes a property, which a template may name.</summary>
    /// <param name="json">The event.</param>
    /// <param name="name">Its name.</param>
    /// <param name="reader">Stands at its value, which stays to be read.</param>
    public void Note(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name, Utf8JsonReader reader)
    {
        if (_properties.Count == EventRules.MaxAttributes)
        {
            return;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        var isInPlace = json.Overlaps(name, out var at);
        _properties.Add(new(isInPlace ? at : 0, name.Length, isInPlace ? null : name.ToArray(), start, (int)reader.BytesConsumed));
    }

    /// <summary>The message, until the next one is rendered; the template itself where it, or what comes of it, would be too long for an event.</summary>
    /// <param name="json">The event.</param>
    /// <param name="template">Its template.</param>
    /// <param name="renderings">The array that has a text for each hole with a format; empty where there is none.</param>
    public ReadOnlySpan<byte> Render(ReadOnlySpan<byte> json, ReadOnlySpan<byte> template, ReadOnlySpan<byte> renderings)
    {
        if (template.Length > EventRules.MaxMessageBytes)
        {
            return template;
        }

        _text.ResetWrittenCount();
        var lastEnd = template.LastIndexOf((byte)'}');
        var formatted = new Utf8JsonReader(renderings, JsonTexts.Options);
        var hasFormatted = renderings.Length > 0 && formatted.Read();
        var rest = template;
        for (var holes = 0; rest.Length > 0 && holes < MaxHoles;)
        {
            var brace = rest.IndexOfAny((byte)'{', (byte)'}');
            if (brace < 0)
            {
                break;
            }

            Write(rest[..brace]);
            rest = rest[brace..];
            if (rest.Length > 1 && rest[1] == rest[0])
            {
                Write(rest[..1]);
                rest = rest[2..];
                continue;
            }

            // Behind the last brace that closes one, none that opens one needs to look for it.
            var end = rest[0] == (byte)'{' && template.Length - rest.Length < lastEnd ? rest.IndexOf((byte)'}') + 1 : 0;
            if (end == 0)
            {
                Write(rest[..1]);
                rest = rest[1..];
                continue;
            }

            holes++;
            var hole = rest[1..(end - 1)];
            if (hole.Contains((byte)':') && hasFormatted && formatted.Read() && formatted.TokenType == JsonTokenType.String)
            {
                WriteValue(renderings[(int)formatted.TokenStartIndex..(int)formatted.BytesConsumed]);
            }
            else if (ValueOf(json, NameIn(hole)) is { Length: > 0 } value)
            {
                WriteValue(value);
            }
            else
            {
                Write(rest[..end]);
            }

            rest = rest[end..];
            if (_text.WrittenCount > EventRules.MaxMessageBytes)
            {
                return template;
            }
        }

        Write(rest);
        return _text.WrittenCount > EventRules.MaxMessageBytes ? template : _text.WrittenSpan;
    }

    /// <summary>The name in <c>@Name,10:format</c>.</summary>
    private static ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> hole)
    {
        var name = hole.StartsWith("@"u8) || hole.StartsWith("$"u8) ? hole[1..] : hole;
        var end = name.IndexOfAny((byte)',', (byte)':');
        return end < 0 ? name : name[..end];
    }

    private ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> json, ReadOnlySpan<byte> name)
    {
        foreach (var property in _properties)
        {
            if (property.NameLength == name.Length && (property.Name ?? json.Slice(property.NameStart, property.NameLength)).SequenceEqual(name))
            {
                return json[property.Start..property.End];
            }
        }

        return [];
    }

    /// <summary>A text without its quotes, everything else as JSON.</summary>
    private void WriteValue(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value, JsonTexts.Options);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped)
        {
            Write(reader.ValueSpan);
        }
        else
        {
            Write(JsonTexts.ReadableOf(in reader, out _) is { } text ? Encoding.UTF8.GetBytes(text) : value);
        }
    }

    private void Write(ReadOnlySpan<byte> text) => _text.Write(text);

    /// <param name="NameStart">Where its name lies in the event.</param>
    /// <param name="NameLength">How long the name is.</param>
    /// <param name="Name">The name, where it stands in the event with escapes.</param>
    /// <param name="Start">Where its value begins.</param>
    /// <param name="End">Where its value ends.</param>
    private readonly record struct Property(int NameStart, int NameLength, byte[]? Name, int Start, int End);
}
