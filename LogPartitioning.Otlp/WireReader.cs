using System.Buffers.Binary;

namespace LogPartitioning.Otlp;

/// <summary>
/// Reads the fields of a protobuf message where it lies, without an object for any of them. Each field has to be read or skipped before the next one.
/// </summary>
/// <param name="message">The bytes of one message.</param>
public ref struct WireReader(ReadOnlySpan<byte> message)
{
    private const int MaxFieldNumber = (1 << 29) - 1;
    private const int MaxVarintBytes = 10;

    /// <summary>Deeper groups within groups are refused, as by the official readers.</summary>
    private const int MaxDepth = 100;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    /// <summary>The number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>How its value is written.</summary>
    public WireType Type { get; private set; }

    /// <summary>Where the field began, its number included.</summary>
    public int FieldStart { get; private set; }

    /// <summary>Up to where the message is read.</summary>
    public readonly int Position => _at;

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end of the message.</returns>
    /// <exception cref="MalformedProtobufException">There is something else.</exception>
    public bool Next()
    {
        if (_at == _message.Length)
        {
            return false;
        }

        FieldStart = _at;
        var tag = Varint();
        (Type, var field) = ((WireType)(tag & 7), tag >> 3);
        Field = field is > 0 and <= MaxFieldNumber && Type <= WireType.Fixed32 ? (int)field : throw new MalformedProtobufException("A field has a number or a type that protobuf does not have.");
        return true;
    }

    /// <summary>Whether the field is this one, written as it should be. One that is written otherwise is an unknown field.</summary>
    public readonly bool Is(int field, WireType type) => Field == field && Type == type;

    /// <summary>Reads a whole number.</summary>
    public ulong Varint()
    {
        ulong value = 0;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (_at == _message.Length)
            {
                throw CutOff();
            }

            var next = _message[_at++];
            value |= (ulong)(next & 0x7f) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new MalformedProtobufException("A number has more than 10 bytes.");
    }

    /// <summary>Reads eight bytes as a number.</summary>
    public ulong Fixed64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>Reads four bytes as a number.</summary>
    public uint Fixed32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    /// <summary>Reads bytes, a text or a message.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = Varint();
        return length <= int.MaxValue ? Take((int)length) : throw CutOff();
    }

    /// <summary>Passes over the value of the field.</summary>
    public void Skip()
    {
        switch (Type)
        {
            case WireType.Varint:
                Varint();
                break;
            case WireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case WireType.Bytes:
                Bytes();
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            case WireType.StartGroup:
                SkipGroup();
                break;
            default:
                throw new MalformedProtobufException("A group ends that did not begin.");
        }
    }

    private void SkipGroup()
    {
        Span<int> open = stackalloc int[MaxDepth];
        var depth = 0;
        open[depth++] = Field;
        while (depth > 0)
        {
            if (!Next())
            {
                throw CutOff();
            }

            switch (Type)
            {
                case WireType.StartGroup when depth == MaxDepth:
                    throw new MalformedProtobufException("Groups are nested too deeply.");
                case WireType.StartGroup:
                    open[depth++] = Field;
                    break;
                case WireType.EndGroup when open[depth - 1] == Field:
                    depth--;
                    break;
                default:
                    Skip();
                    break;
            }
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _message.Length - _at)
        {
            throw CutOff();
        }

        var taken = _message.Slice(_at, length);
        _at += length;
        return taken;
    }

    private static MalformedProtobufException CutOff() => new("The message is cut off, or a length in it is wrong.");
}
