namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Reads the structured data of RFC 5424, section 6.3: <c>[id name="value" …][id …]</c>, one parameter after the other.</summary>
internal ref struct StructuredDataReader(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private bool _isInside;
    private bool _hasParameter;

    /// <summary>The element's name.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>The parameter's name; empty of an element that has none.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Its value as it is written: see <see cref="Unescape"/>.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the rules are broken, here.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>How much was read.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the next parameter, or an element that has none.</summary>
    /// <returns>False at the end of the data, or where it breaks the rules.</returns>
    public bool Read()
    {
        while (true)
        {
            if (!_isInside)
            {
                if (!TryTake((byte)'['))
                {
                    return false;
                }

                Id = TakeName();
                if (Id.IsEmpty)
                {
                    return Break();
                }

                (_isInside, _hasParameter) = (true, false);
            }

            if (TryTake((byte)']'))
            {
                _isInside = false;
                if (_hasParameter)
                {
                    continue;
                }

                Name = [];
                Value = [];
                return true;
            }

            return (TryTake((byte)' ') && TryParameter()) || Break();
        }
    }

    /// <summary>Takes the backslashes off a value that stand before what they have to.</summary>
    /// <param name="value">The value as it is written.</param>
    /// <param name="into">Where to; as long as the value.</param>
    /// <returns>How long it is.</returns>
    public static int Unescape(ReadOnlySpan<byte> value, Span<byte> into)
    {
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '\\' && i + 1 < value.Length && "\"\\]"u8.Contains(value[i + 1]))
            {
                i++;
            }

            into[length++] = value[i];
        }

        return length;
    }

    private bool TryParameter()
    {
        Name = TakeName();
        if (Name.IsEmpty || !TryTake((byte)'=') || !TryTake((byte)'"'))
        {
            return false;
        }

        var start = Length;
        for (; Length < _text.Length && _text[Length] != '"'; Length++)
        {
            if (_text[Length] == '\\')
            {
                Length++;
            }
        }

        if (Length >= _text.Length)
        {
            return false;
        }

        Value = _text[start..Length];
        Length++;
        _hasParameter = true;
        return true;
    }

    private ReadOnlySpan<byte> TakeName()
    {
        var end = _text[Length..].IndexOfAny("= ]\"["u8);
        var name = end < 0 ? [] : _text.Slice(Length, end);
        Length += name.Length;
        return name.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e) ? [] : name;
    }

    private bool TryTake(byte character)
    {
        if (Length >= _text.Length || _text[Length] != character)
        {
            return false;
        }

        Length++;
        return true;
    }

    private bool Break()
    {
        IsBroken = true;
        return false;
    }
}
