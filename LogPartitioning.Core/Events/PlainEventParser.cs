using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;

namespace LogPartitioning.Core.Events;

/// <summary>
/// Reads an event as nearly every client writes it, and writes its record on the way: no text and no object is made of its parts.
/// Whatever is unusual (an escaped control character, a character beyond the basic plane, a number with an exponent, a field twice, a
/// mistake) it leaves to <see cref="EventParser"/>, which alone knows the rules and their words: it never refuses, and where it
/// reads an event, both read the same one. An event costs a third of what reading and writing it by the other two costs.
/// </summary>
internal ref struct PlainEventParser
{
    private const int MaxBytes = PlainJson.MaxBytes;

    /// <summary>What is written beside what was sent: the names and the fields that may be left out.</summary>
    private const int MostAdded = 256;

    private const int MaxAttributes = 16;

    private static readonly SearchValues<byte> s_sortable = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."u8);

    [ThreadStatic]
    private static byte[]? t_attributes;

    [ThreadStatic]
    private static byte[]? t_texts;

    [ThreadStatic]
    private static byte[]? t_record;

    private readonly ReadOnlySpan<byte> _json;
    private int _at;
    private ReadOnlySpan<byte> _id;
    private ReadOnlySpan<byte> _source;
    private ReadOnlySpan<byte> _level;
    private ReadOnlySpan<byte> _message;
    private ReadOnlySpan<byte> _timestamp;
    private ReadOnlySpan<byte> _attributes;
    private int _rewritten;
    private bool _hasMessage;
    private bool _hasAttributes;
    private bool _isSorted = true;

    private PlainEventParser(ReadOnlySpan<byte> json) => _json = json;

    /// <summary>Reads <paramref name="json"/>.</summary>
    /// <returns>False where it is not plain, which says nothing about it.</returns>
    public static bool TryParse(ReadOnlySpan<byte> json, DateTimeOffset receivedAt, TimestampRange? range, out PlainRecord record)
    {
        record = default;
        if (json.Length > MaxBytes)
        {
            return false;
        }

        var parser = new PlainEventParser(json);
        return parser.ReadFields() && parser.TryWrite(receivedAt, range, out record);
    }

    private bool ReadFields()
    {
        if (!Take((byte)'{'))
        {
            return false;
        }

        do
        {
            if (!TakeAsciiText(out var name) || !Take((byte)':') || !ReadField(name))
            {
                return false;
            }
        }
        while (Take((byte)','));
        if (!Take((byte)'}'))
        {
            return false;
        }

        PassBlanks();
        return _at == _json.Length && !_source.IsEmpty && _hasMessage;
    }

    private bool ReadField(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("message"u8))
        {
            return !_hasMessage && (_hasMessage = TakeText(out _message));
        }

        if (name.SequenceEqual("attributes"u8))
        {
            return !_hasAttributes && (_hasAttributes = TakeAttributes());
        }

        // Each of these has a rule that the empty text breaks, so that empty means that it did not come yet.
        return name.SequenceEqual("source"u8) ? _source.IsEmpty && TakeAsciiText(out _source) && _source.Length is > 0 and <= EventRules.MaxSourceCharacters
            : name.SequenceEqual("level"u8) ? _level.IsEmpty && TakeAsciiText(out _level) && !_level.IsEmpty
            : name.SequenceEqual("timestamp"u8) ? _timestamp.IsEmpty && TakeAsciiText(out _timestamp) && !_timestamp.IsEmpty
            : name.SequenceEqual("id"u8) && _id.IsEmpty && TakeAsciiText(out _id) && !_id.IsEmpty;
    }

    /// <summary>Writes the attributes in their compact form.</summary>
    private bool TakeAttributes()
    {
        if (!Take((byte)'{'))
        {
            return false;
        }

        var buffer = t_attributes ??= new byte[MaxBytes];
        buffer[0] = (byte)'{';
        var written = 1;
        if (!Take((byte)'}'))
        {
            Span<Range> names = stackalloc Range[MaxAttributes];
            var count = 0;
            do
            {
                if (count == MaxAttributes || !TakeAsciiText(out var name) || name.Length is 0 or > EventRules.MaxAttributeNameCharacters)
                {
                    return false;
                }

                for (var i = 0; i < count; i++)
                {
                    if (buffer.AsSpan(names[i]).SequenceEqual(name))
                    {
                        return false;
                    }
                }

                _isSorted = _isSorted && (count == 0 || buffer.AsSpan(names[count - 1]).SequenceCompareTo(name) < 0) && !name.ContainsAnyExcept(s_sortable);
                buffer[written++] = (byte)'"';
                names[count++] = written..(written + name.Length);
                Append(buffer, ref written, name);
                Append(buffer, ref written, "\":"u8);
                if (!Take((byte)':') || !TakeValue(buffer, ref written))
                {
                    return false;
                }

                buffer[written++] = (byte)',';
            }
            while (Take((byte)','));
            if (!Take((byte)'}'))
            {
                return false;
            }

            // In the place of the last comma.
            written--;
        }

        buffer[written++] = (byte)'}';
        _attributes = buffer.AsSpan(0, written);
        return true;
    }

    private bool TakeValue(byte[] buffer, ref int written)
    {
        PassBlanks();
        var rest = _json[_at..];
        if (rest.IsEmpty)
        {
            return false;
        }

        if (rest[0] == (byte)'"')
        {
            buffer[written++] = (byte)'"';
            var isText = TakeText(out var text);
            Append(buffer, ref written, text);
            buffer[written++] = (byte)'"';
            return isText;
        }

        var length = PlainJson.LengthOfScalar(rest);
        Append(buffer, ref written, rest[..length]);
        _at += length;
        return length > 0;
    }

    private bool TryWrite(DateTimeOffset receivedAt, TimestampRange? range, out PlainRecord record)
    {
        record = default;
        var (sent, time, level) = (SentFields.None, receivedAt, Severity.Information);
        if (!_timestamp.IsEmpty)
        {
            if (!Rfc3339.TryParse(_timestamp, out time) || range?.BrokenBy(time, receivedAt) is not null)
            {
                return false;
            }

            sent |= SentFields.Timestamp;
        }

        if (!_level.IsEmpty && !SeverityNames.TryParse(_level, out level))
        {
            return false;
        }

        Guid id;
        if (_id.IsEmpty)
        {
            id = NewIds.Create(receivedAt);
        }
        else if (_id.Length == 36 && Utf8Parser.TryParse(_id, out id, out var parsed, 'D') && parsed == 36 && id != Guid.Empty && id != Guid.AllBitsSet)
        {
            sent |= SentFields.Id;
        }
        else
        {
            return false;
        }

        var buffer = t_record ??= new byte[MaxBytes + MostAdded];
        var written = 0;
        Append(buffer, ref written, "{\"id\":\""u8);
        id.TryFormat(buffer.AsSpan(written), out var length);
        written += length;
        Append(buffer, ref written, "\",\"source\":\""u8);
        Append(buffer, ref written, _source);
        Append(buffer, ref written, "\",\"level\":\""u8);
        Append(buffer, ref written, SeverityNames.Utf8Of(level));
        Append(buffer, ref written, "\",\"message\":\""u8);
        Append(buffer, ref written, _message);
        Append(buffer, ref written, "\",\"timestamp\":\""u8);
        var start = written;
        written += Rfc3339.Format(time, buffer.AsSpan(written));
        var timestamp = start..written;
        if (_hasAttributes)
        {
            Append(buffer, ref written, "\",\"attributes\":"u8);
            Append(buffer, ref written, _attributes);
            buffer[written++] = (byte)'}';
        }
        else
        {
            Append(buffer, ref written, "\"}"u8);
        }

        record = new(id, SourceTexts.Of(_source), buffer.AsSpan(0, written).ToArray(), sent, timestamp, _isSorted);
        return true;
    }

    private static void Append(byte[] buffer, ref int written, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.AsSpan(written));
        written += bytes.Length;
    }

    /// <summary>Takes a text of plain ASCII, without the quotation marks.</summary>
    private bool TakeAsciiText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Take((byte)'"'))
        {
            return false;
        }

        var rest = _json[_at..];
        var length = rest.IndexOfAnyExcept(PlainJson.Ascii);
        if (length < 0 || rest[length] != (byte)'"')
        {
            return false;
        }

        text = rest[..length];
        _at += length + 1;
        return true;
    }

    /// <summary>Takes a text as the record writes it, without the quotation marks: it is as it was sent, but for <c>\u</c> escapes that it does without.</summary>
    private bool TakeText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Take((byte)'"'))
        {
            return false;
        }

        var (start, begun) = (_at, _rewritten);
        while (true)
        {
            var rest = _json[_at..];
            var length = rest.IndexOfAnyExcept(PlainJson.Ascii);
            if (length < 0)
            {
                return false;
            }

            rest = rest[length..];
            _at += length;
            switch (rest[0])
            {
                case (byte)'"':
                    text = _json[start.._at];
                    if (_rewritten > begun)
                    {
                        Rewrite(text);
                        text = t_texts.AsSpan(begun, _rewritten - begun);
                    }

                    _at++;
                    return true;
                case (byte)'\\' when rest.Length > 1 && PlainJson.Meaning(rest[1]) != 0:
                    _at += 2;
                    break;
                case (byte)'\\' when TryUnescape(rest, out var character):
                    Rewrite(_json[start.._at]);
                    if (character.Value is '"' or '\\')
                    {
                        Rewrite("\\"u8);
                    }

                    _rewritten += character.EncodeToUtf8(t_texts.AsSpan(_rewritten));
                    start = _at += 6;
                    break;
                case >= 0x80 when Rune.DecodeFromUtf8(rest, out var rune, out var bytes) == OperationStatus.Done && !JavaScriptEncoder.UnsafeRelaxedJsonEscaping.WillEncode(rune.Value):
                    _at += bytes;
                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>Reads <c>\u0041</c> and the like: what many serializers make of every character beyond ASCII, and of marks that matter in a web page.</summary>
    private static bool TryUnescape(ReadOnlySpan<byte> text, out Rune character)
    {
        character = default;
        return text.Length >= 6 && text[1] == (byte)'u'
            && Utf8Parser.TryParse(text[2..6], out ushort value, out var digits, 'X') && digits == 4
            && Rune.TryCreate((char)value, out character)
            && (value is '"' or '\\' || !JavaScriptEncoder.UnsafeRelaxedJsonEscaping.WillEncode(value));
    }

    private void Rewrite(scoped ReadOnlySpan<byte> bytes) => Append(t_texts ??= new byte[MaxBytes], ref _rewritten, bytes);

    private bool Take(byte expected)
    {
        if (_at < _json.Length && _json[_at] == expected)
        {
            _at++;
            return true;
        }

        PassBlanks();
        if (_at < _json.Length && _json[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void PassBlanks()
    {
        while (_at < _json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }
}
