using System.Buffers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>A body that is here as a whole, unpacked, in memory that is lent.</summary>
internal sealed class WholeBody : IDisposable
{
    private const int FirstBytes = 16 * 1024;

    /// <summary>More is not lent for what a head announces: that costs nobody anything.</summary>
    private const int MaxFirstBytes = 64 * 1024;

    private byte[] _bytes;
    private int _length;

    private WholeBody(int expected) => _bytes = ArrayPool<byte>.Shared.Rent(expected);

    /// <summary>Its bytes, until it is disposed of.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Reads a body to its end. What it may take is counted as it is unpacked, so that a few bytes cannot become gigabytes.</summary>
    /// <exception cref="RequestRefusedException">413: it is too large; 400: it is not packed as its head says; 503: there is no memory for it.</exception>
    public static async ValueTask<WholeBody> ReadAsync(HttpRequest request, BufferBudget.Reservation memory, CancellationToken cancellationToken)
    {
        var body = new WholeBody((int)Math.Clamp((request.ContentLength ?? 0) + 1, FirstBytes, MaxFirstBytes));
        var unpacked = ContentCoding.Unpack(request);
        try
        {
            while (await unpacked.ReadAsync(body.Room(), cancellationToken) is > 0 and var read)
            {
                body._length += read;
                if (body._length > IngestLimits.MaxBodyBytes)
                {
                    throw RequestRefusedException.TooManyBytes();
                }

                memory.Hold(body._length, whole: false);
            }

            memory.Hold(body._length, whole: true);
            return body;
        }
        catch (Exception e) when (ContentCoding.IsMalformed(e))
        {
            body.Dispose();
            throw RequestRefusedException.Malformed("The body is not packed as Content-Encoding says, or is cut off.");
        }
        catch
        {
            body.Dispose();
            throw;
        }
        finally
        {
            if (unpacked != request.Body)
            {
                await unpacked.DisposeAsync();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _length) = ([], 0);
    }

    private Memory<byte> Room()
    {
        if (_length == _bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * _bytes.Length, IngestLimits.MaxBodyBytes + 1));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsMemory(_length);
    }
}
