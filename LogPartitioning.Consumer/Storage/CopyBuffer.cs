using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Consumer.Storage;

/// <summary>
/// Rows in the binary format of PostgreSQL's COPY. Each column is its length and its value, in the order of the network; a value has the form
/// of its type, and the server converts nothing.
/// </summary>
internal sealed class CopyBuffer : IDisposable
{
    private const int NoValue = -1;
    private const byte JsonbVersion = 1;

    /// <summary>Most bytes of UTF-8 that a character of a string takes.</summary>
    private const int MostBytes = 3;

    // The server counts from here.
    private static readonly long s_epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly int s_epochDay = new DateOnly(2000, 1, 1).DayNumber;

    // Half of a surrogate pair must not get into the store as a question mark.
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _used;

    /// <summary>What was added since <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _used);

    /// <summary>Forgets what was added.</summary>
    public void Clear() => _used = 0;

    /// <summary>What all rows begin with: the signature, no flags, no extension.</summary>
    public void AddHeader() => ((ReadOnlySpan<byte>)[.. "PGCOPY\n"u8, 0xff, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0]).CopyTo(Take(19));

    /// <summary>What all rows end with.</summary>
    public void AddTrailer() => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), NoValue);

    /// <summary>Begins a row.</summary>
    public void AddRow(short columns) => BinaryPrimitives.WriteInt16BigEndian(Take(sizeof(short)), columns);

    /// <summary>A column without a value.</summary>
    public void AddNull() => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), NoValue);

    /// <summary>A <c>smallint</c>.</summary>
    public void Add(short value) => BinaryPrimitives.WriteInt16BigEndian(Column(sizeof(short)), value);

    /// <summary>An <c>integer</c>.</summary>
    public void Add(int value) => BinaryPrimitives.WriteInt32BigEndian(Column(sizeof(int)), value);

    /// <summary>A <c>bigint</c>.</summary>
    public void Add(long value) => BinaryPrimitives.WriteInt64BigEndian(Column(sizeof(long)), value);

    /// <summary>A <c>timestamptz</c>, of a time by UTC.</summary>
    public void Add(DateTime value) => Add((value.Ticks - s_epoch) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A <c>date</c>; <see cref="EventIdDay.None"/> is <c>-infinity</c>.</summary>
    public void Add(DateOnly value) => Add(value == EventIdDay.None ? int.MinValue : value.DayNumber - s_epochDay);

    /// <summary>A <c>uuid</c>.</summary>
    public void Add(Guid value) => value.TryWriteBytes(Column(16), bigEndian: true, out _);

    /// <summary>A <c>text</c>.</summary>
    public void Add(string value)
    {
        Reserve(sizeof(int) + (MostBytes * value.Length));
        var length = s_utf8.GetBytes(value, _bytes.AsSpan(_used + sizeof(int)));
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_used), length);
        _used += sizeof(int) + length;
    }

    /// <summary>A <c>text</c>, of valid UTF-8.</summary>
    public void AddText(ReadOnlySpan<byte> utf8) => utf8.CopyTo(Column(utf8.Length));

    /// <summary>A <c>jsonb</c>, of its text in valid UTF-8.</summary>
    public void AddJson(ReadOnlySpan<byte> utf8)
    {
        var column = Column(1 + utf8.Length);
        column[0] = JsonbVersion;
        utf8.CopyTo(column[1..]);
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private Span<byte> Column(int length)
    {
        var column = Take(sizeof(int) + length);
        BinaryPrimitives.WriteInt32BigEndian(column, length);
        return column[sizeof(int)..];
    }

    private Span<byte> Take(int length)
    {
        Reserve(length);
        var taken = _bytes.AsSpan(_used, length);
        _used += length;
        return taken;
    }

    private void Reserve(int length)
    {
        if (_bytes.Length - _used >= length)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, _used + length));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
