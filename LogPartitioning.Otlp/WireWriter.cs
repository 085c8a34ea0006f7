using System.Buffers.Binary;

namespace LogPartitioning.Otlp;

/// <summary>Writes protobuf messages into one buffer, which it keeps from one use to the next.</summary>
public sealed class WireWriter
{
    private const int FirstBytes = 1024;

    /// <summary>The length of a message is known at its end alone; so much room is left for it, and filled up as protobuf allows.</summary>
    private const int LengthBytes = 5;

    private byte[] _bytes = new byte[FirstBytes];
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>Begins again.</summary>
    public void Clear() => _length = 0;

    /// <summary>Writes a field that is a whole number.</summary>
    public void Varint(int field, ulong value)
    {
        Tag(field, WireType.Varint);
        Varint(value);
    }

    /// <summary>Writes a field of eight bytes.</summary>
    public void Fixed64(int field, ulong value)
    {
        Tag(field, WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Take(sizeof(ulong)), value);
    }

    /// <summary>Writes a field of four bytes.</summary>
    public void Fixed32(int field, uint value)
    {
        Tag(field, WireType.Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint)), value);
    }

    /// <summary>Writes a field that is bytes, a text or a message that is there already.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, WireType.Bytes);
        Varint((ulong)bytes.Length);
        bytes.CopyTo(Take(bytes.Length));
    }

    /// <summary>Writes fields as they are.</summary>
    public void Fields(ReadOnlySpan<byte> fields) => fields.CopyTo(Take(fields.Length));

    /// <summary>Begins a field that is a message.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public int Begin(int field)
    {
        Tag(field, WireType.Bytes);
        Take(LengthBytes);
        return _length;
    }

    /// <summary>Ends a message.</summary>
    /// <param name="start">What <see cref="Begin"/> gave.</param>
    public void End(int start)
    {
        var length = (uint)(_length - start);
        var place = _bytes.AsSpan(start - LengthBytes, LengthBytes);
        for (var i = 0; i < LengthBytes - 1; i++)
        {
            place[i] = (byte)(0x80 | (length & 0x7f));
            length >>= 7;
        }

        place[^1] = (byte)length;
    }

    private void Tag(int field, WireType type) => Varint(((ulong)field << 3) | (ulong)type);

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            Take(1)[0] = (byte)(0x80 | (value & 0x7f));
            value >>= 7;
        }

        Take(1)[0] = (byte)value;
    }

    private Span<byte> Take(int bytes)
    {
        if (_bytes.Length - _length < bytes)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)_length + bytes))));
        }

        _length += bytes;
        return _bytes.AsSpan(_length - bytes, bytes);
    }
}
