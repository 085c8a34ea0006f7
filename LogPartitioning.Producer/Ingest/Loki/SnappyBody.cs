using System.Buffers;
using Snappier;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>Unpacks a body in snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt), which says first how long it will be.</summary>
internal static class SnappyBody
{
    /// <summary>Unpacks a body into memory of the pool.</summary>
    /// <param name="packed">The body.</param>
    /// <param name="memory">Counts what it takes unpacked, beside what it takes packed.</param>
    /// <exception cref="RequestRefusedException">400: it is not packed so; 413: it would be too large; 503: there is no memory for it.</exception>
    public static IMemoryOwner<byte> Unpack(ReadOnlySpan<byte> packed, BufferBudget.Reservation memory)
    {
        var length = LengthOf(packed);
        if (length > IngestLimits.MaxBodyBytes)
        {
            throw RequestRefusedException.TooManyBytes();
        }

        memory.Hold(packed.Length + length, whole: true);
        var owner = new Unpacked((int)length);
        try
        {
            if (Snappy.TryDecompress(packed, owner.Memory.Span, out var written) && written == length)
            {
                return owner;
            }
        }
        catch (InvalidDataException)
        {
            // Told below.
        }

        owner.Dispose();
        throw NotPacked();
    }

    /// <summary>The length that it says it has.</summary>
    private static long LengthOf(ReadOnlySpan<byte> packed)
    {
        try
        {
            // It is an int there: a length of 2 GiB and more is refused as none.
            return Snappy.GetUncompressedLength(packed) is var length and >= 0 ? length : throw NotPacked();
        }
        catch (InvalidDataException)
        {
            throw NotPacked();
        }
    }

    private static RequestRefusedException NotPacked() => RequestRefusedException.Malformed("The body is not packed with snappy, in its block format, or is cut off.");

    private sealed class Unpacked(int length) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = ArrayPool<byte>.Shared.Rent(length);

        public Memory<byte> Memory => _bytes.AsMemory(0, length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }
    }
}
