using System.Buffers.Binary;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>The fields of a message in the wire format of Protocol Buffers, one after the other (https://protobuf.dev/programming-guides/encoding).</summary>
/// <param name="message">The message.</param>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private const int MaxVarintBytes = 10;

    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field.</summary>
    public int Number { get; private set; }

    /// <summary>Whether the field has bytes: a text, or a message.</summary>
    public bool HasBytes { get; private set; }

    /// <summary>The bytes, where it has some.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The number, where it has none.</summary>
    public ulong Value { get; private set; }

    /// <summary>Goes on to the next field; false at the end.</summary>
    /// <exception cref="InvalidDataException">It is no such message.</exception>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Number = (int)((tag >> 3) & 0x1fffffff);
        HasBytes = false;
        Bytes = [];
        Value = 0;
        switch (tag & 7)
        {
            case 0:
                Value = Varint();
                break;
            case 1:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case 2:
                Bytes = Take(Varint());
                HasBytes = true;
                break;
            case 5:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw new InvalidDataException("A field is of a kind that is not known.");
        }

        return Number > 0 ? true : throw new InvalidDataException("A field has the number 0.");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new InvalidDataException("A field is longer than what is left.");
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return value;
            }
        }

        throw new InvalidDataException("A number does not end.");
    }
}
