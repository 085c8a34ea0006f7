using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace LogPartitioning.Core.Events;

/// <summary>
/// Puts the values of records together from what another protocol says, in UTF-8, one after the other and in buffers that it keeps: what is left of an
/// event is its record alone. An attribute that an event cannot have as it is (a name that is too long or comes twice, one too many) goes, with
/// <c>Keep</c>, into one attribute <see cref="More"/>, which is the JSON of an object as text, so that nothing is lost. Once that and the attributes have more
/// bytes than an event may have, nothing is added to it any more: the event is refused in the end.
/// </summary>
/// <remarks>For one thread. <see cref="Begin"/> comes before each event.</remarks>
public sealed class RecordComposer : IDisposable
{
    /// <summary>The attribute that has what others cannot.</summary>
    public const string More = "more";

    private const int FirstBytes = 1024;

    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly byte[] s_more = "more"u8.ToArray();

    private readonly ArrayBufferWriter<byte> _attributeBytes = new(FirstBytes);
    private readonly ArrayBufferWriter<byte> _moreBytes = new(FirstBytes);
    private readonly ArrayBufferWriter<byte> _valueBytes = new(FirstBytes);
    private readonly Utf8JsonWriter _attributes;
    private readonly Utf8JsonWriter _more;
    private readonly Utf8JsonWriter _value;
    private readonly (int Start, int Length)[] _names = new (int, int)[EventRules.MaxAttributes];
    private byte[] _nameBytes = new byte[FirstBytes];
    private int _nameLength;
    private int _count;
    private bool _hasMore;
    private bool _isTooLarge;

    /// <summary>Begins with nothing.</summary>
    public RecordComposer()
    {
        _attributes = new(_attributeBytes, s_compact);
        _more = new(_moreBytes, s_compact);
        _value = new(_valueBytes, s_compact);
    }

    /// <summary>How many bytes the attributes take so far, but those of <see cref="More"/>.</summary>
    public long AttributeBytes => _attributes.BytesCommitted + _attributes.BytesPending + 1;

    /// <summary>Begins another event.</summary>
    public void Begin()
    {
        Restart(_attributes, _attributeBytes);
        Restart(_more, _moreBytes);
        (_count, _nameLength, _hasMore, _isTooLarge) = (0, 0, false, false);
    }

    /// <summary>Adds an attribute.</summary>
    /// <returns>False, and nothing is added, where an event cannot have it as it is.</returns>
    public bool Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!IsText(text) || !TryName(name))
        {
            return false;
        }

        _attributes.WriteString(name, text);
        return true;
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool Add(ReadOnlySpan<byte> name, long number)
    {
        if (!TryName(name))
        {
            return false;
        }

        _attributes.WriteNumber(name, number);
        return true;
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool Add(ReadOnlySpan<byte> name, bool value)
    {
        if (!TryName(name))
        {
            return false;
        }

        _attributes.WriteBoolean(name, value);
        return true;
    }

    /// <summary>Adds an attribute that is null.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool AddNull(ReadOnlySpan<byte> name)
    {
        if (!TryName(name))
        {
            return false;
        }

        _attributes.WriteNull(name);
        return true;
    }

    /// <summary>Adds a number as it is written in JSON.</summary>
    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public bool AddNumber(ReadOnlySpan<byte> name, ReadOnlySpan<byte> digits)
    {
        if (AttributeBuilder.BrokenByNumber(digits) is not null || !TryName(name))
        {
            return false;
        }

        _attributes.WritePropertyName(name);
        _attributes.WriteRawValue(digits, skipInputValidation: true);
        return true;
    }

    /// <summary>Adds an attribute, or what would be lost of it to <see cref="More"/>.</summary>
    public void Keep(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        if (!Add(name, text) && MayAddMore(name, text))
        {
            _more.WriteString(Valid(name), Valid(text));
        }
    }

    /// <inheritdoc cref="Keep(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>
    public void Keep(string name, string text)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(text);
        Keep(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// Keeps the JSON value that <paramref name="reader"/> stands at: a scalar as it is, an object or an array as its JSON, which is a text. The reader is at its end then.
    /// </summary>
    /// <param name="name">The attribute's name.</param>
    /// <param name="json">All that <paramref name="reader"/> reads, from its first byte.</param>
    /// <param name="reader">Stands at the value's first token.</param>
    public void Keep(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json, ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when TextOf(in reader) is { } text && Add(name, text):
            case JsonTokenType.Number when AddNumber(name, reader.ValueSpan):
            case JsonTokenType.True when Add(name, true):
            case JsonTokenType.False when Add(name, false):
            case JsonTokenType.Null when AddNull(name):
                return;
        }

        var isNested = reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
        reader.Skip();
        var value = json[start..(int)reader.BytesConsumed];
        if (!isNested || !Add(name, value))
        {
            KeepJson(name, value);
        }
    }

    /// <summary>Keeps a JSON value as it is written, in <see cref="More"/>: what stands for it elsewhere is less than it.</summary>
    public void KeepJson(ReadOnlySpan<byte> name, ReadOnlySpan<byte> json)
    {
        if (MayAddMore(name, json))
        {
            _more.WritePropertyName(Valid(name));
            _more.WriteRawValue(json, skipInputValidation: true);
        }
    }

    /// <summary>Ends the event.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="source">Its source, which keeps the rules of one.</param>
    /// <param name="level">Its level.</param>
    /// <param name="message">Its message. What an event cannot have of it is replaced, and the whole is kept in <see cref="More"/>.</param>
    /// <param name="timestamp">Its time.</param>
    /// <param name="value">The value of the record.</param>
    /// <returns>The rule that it breaks; null when there is a value.</returns>
    public EventProblem? TryBuild(Guid id, string source, Severity level, ReadOnlySpan<byte> message, DateTimeOffset timestamp, out byte[] value)
    {
        value = [];
        if (message.Length > EventRules.MaxMessageBytes)
        {
            return new("message", string.Create(CultureInfo.InvariantCulture, $"must have at most {EventRules.MaxMessageBytes} bytes of UTF-8"));
        }

        if (!IsText(message))
        {
            KeepWhole(message);
            message = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(message).Replace('\0', (char)Rune.ReplacementChar.Value));
            message = message[..Math.Min(message.Length, EndOfText(message, EventRules.MaxMessageBytes))];
        }

        EndAttributes();
        if (_isTooLarge || _attributeBytes.WrittenCount > EventRules.MaxAttributesBytes)
        {
            return new("attributes", string.Create(CultureInfo.InvariantCulture, $"must have at most {EventRules.MaxAttributesBytes} bytes as compact JSON"));
        }

        value = Write(id, source, level, message, timestamp);
        return null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _attributes.Dispose();
        _more.Dispose();
        _value.Dispose();
    }

    /// <summary>Whether an attribute or a message can be this text: UTF-8, without a NUL.</summary>
    public static bool IsText(ReadOnlySpan<byte> text) => !text.Contains((byte)0) && Utf8.IsValid(text);

    private byte[] Write(Guid id, string source, Severity level, ReadOnlySpan<byte> message, DateTimeOffset timestamp)
    {
        Span<byte> time = stackalloc byte[32];
        var timeLength = Rfc3339.Format(timestamp, time);
        _valueBytes.ResetWrittenCount();
        _value.Reset(_valueBytes);
        _value.WriteStartObject();
        _value.WriteString("id"u8, id);
        _value.WriteString("source"u8, source);
        _value.WriteString("level"u8, SeverityNames.Utf8Of(level));
        _value.WriteString("message"u8, message);
        _value.WriteString("timestamp"u8, time[..timeLength]);
        if (_count > 0)
        {
            _value.WritePropertyName("attributes"u8);
            _value.WriteRawValue(_attributeBytes.WrittenSpan, skipInputValidation: true);
        }

        _value.WriteEndObject();
        _value.Flush();
        return _valueBytes.WrittenSpan.ToArray();
    }

    private void EndAttributes()
    {
        if (_hasMore && !_isTooLarge)
        {
            _more.WriteEndObject();
            _more.Flush();
            _attributes.WriteString(s_more, _moreBytes.WrittenSpan);
            _count++;
        }

        _attributes.WriteEndObject();
        _attributes.Flush();
    }

    /// <summary>Of a message that is no text: as JSON, or, where it is no UTF-8 either, in base64.</summary>
    private void KeepWhole(ReadOnlySpan<byte> message)
    {
        var isUtf8 = Utf8.IsValid(message);
        var name = isUtf8 ? "message"u8 : "message_base64"u8;
        if (!MayAddMore(name, message))
        {
            return;
        }

        if (isUtf8)
        {
            _more.WriteString(name, message);
        }
        else
        {
            _more.WriteBase64String(name, message);
        }
    }

    /// <summary>Takes a name, if an attribute can have it. One place is left for <see cref="More"/>, and its name.</summary>
    private bool TryName(ReadOnlySpan<byte> name)
    {
        if (_count == EventRules.MaxAttributes - 1 || !IsName(name) || name.SequenceEqual(s_more))
        {
            return false;
        }

        for (var i = 0; i < _count; i++)
        {
            var (start, length) = _names[i];
            if (length == name.Length && _nameBytes.AsSpan(start, length).SequenceEqual(name))
            {
                return false;
            }
        }

        if (_nameLength + name.Length > _nameBytes.Length)
        {
            Array.Resize(ref _nameBytes, Math.Max(2 * _nameBytes.Length, _nameLength + name.Length));
        }

        name.CopyTo(_nameBytes.AsSpan(_nameLength));
        _names[_count++] = (_nameLength, name.Length);
        _nameLength += name.Length;
        return true;
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        if (name.Length is > 0 and <= EventRules.MaxAttributeNameCharacters && !name.ContainsAnyExceptInRange((byte)0x20, (byte)0x7e))
        {
            return true;
        }

        return name.Length > 0 && Utf8.IsValid(name) && EventRules.BrokenByName(Encoding.UTF8.GetString(name), EventRules.MaxAttributeNameCharacters) is null;
    }

    /// <summary>Whether <see cref="More"/> may have one more: written as a text within the attributes, it takes these bytes at the least.</summary>
    private bool MayAddMore(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _hasMore = true;
        _isTooLarge |= AttributeBytes + _more.BytesCommitted + _more.BytesPending + name.Length + value.Length > EventRules.MaxAttributesBytes;
        return !_isTooLarge;
    }

    private static ReadOnlySpan<byte> Valid(ReadOnlySpan<byte> text) => Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));

    private bool Add(ReadOnlySpan<byte> name, string text) => Add(name, Encoding.UTF8.GetBytes(text));

    private static string? TextOf(in Utf8JsonReader reader) => EventParser.TextOf(in reader);

    /// <summary>Where a text ends that is cut within a length, so that no character is cut in two.</summary>
    private static int EndOfText(ReadOnlySpan<byte> text, int most)
    {
        if (text.Length <= most)
        {
            return text.Length;
        }

        while (most > 0 && (text[most] & 0xc0) == 0x80)
        {
            most--;
        }

        return most;
    }

    private static void Restart(Utf8JsonWriter writer, ArrayBufferWriter<byte> bytes)
    {
        bytes.ResetWrittenCount();
        writer.Reset(bytes);
        writer.WriteStartObject();
    }
}
