using System.Buffers;

namespace LogPartitioning.Gateway.Ingress;

/// <summary>
/// A request's body that is kept while it is read, so that it can be read again from its beginning, and from there on where it was left. One that is
/// larger than may be kept is read once, as any stream.
/// </summary>
internal sealed class KeptBody(Stream body, Resending room) : Stream
{
    /// <summary>What most bodies fit into.</summary>
    private const int FirstBytes = 4 * 1024;

    private byte[] _kept = [];
    private int _length;
    private int _position;
    private bool _isKept = room.IsOn;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Goes back to the beginning.</summary>
    /// <returns>False where that is not kept.</returns>
    public bool TryRewind()
    {
        _position = 0;
        return _isKept;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position < _length)
        {
            var again = Math.Min(buffer.Length, _length - _position);
            _kept.AsSpan(_position, again).CopyTo(buffer.Span);
            _position += again;
            return again;
        }

        var read = await body.ReadAsync(buffer, cancellationToken);
        if (_isKept)
        {
            Keep(buffer.Span[..read]);
        }

        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        Forget();
        base.Dispose(disposing);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var length = _length + bytes.Length;
        if (length > _kept.Length && !TryGrow(length))
        {
            Forget();
            return;
        }

        bytes.CopyTo(_kept.AsSpan(_length));
        (_length, _position) = (length, length);
    }

    private bool TryGrow(int length)
    {
        if (length > Resending.MaxBodyBytes)
        {
            return false;
        }

        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(length, FirstBytes));
        var outgrown = _kept;
        if (room.TryKeep(grown.Length - outgrown.Length))
        {
            outgrown.AsSpan(0, _length).CopyTo(grown);
            (_kept, grown) = (grown, outgrown);
        }

        Return(grown);
        return _kept != outgrown;
    }

    private void Forget()
    {
        room.Release(_kept.Length);
        Return(_kept);
        (_kept, _length, _position, _isKept) = ([], 0, 0, false);
    }

    private static void Return(byte[] rented)
    {
        if (rented.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
