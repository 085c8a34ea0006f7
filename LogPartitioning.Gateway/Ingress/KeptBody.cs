namespace LogPartitioning.Gateway.Ingress;

/// <summary>
/// A request's body that is kept while it is read, so that it can be read again from its beginning, and from there on where it was left. One that is
/// larger than may be kept is read once, as any stream.
/// </summary>
internal sealed class KeptBody(Stream body, Resending room) : Stream
{
    private readonly List<byte[]> _pieces = [];
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
            var (piece, at) = Math.DivRem(_position, Resending.PieceBytes);
            var again = Math.Min(buffer.Length, Math.Min(_length - _position, Resending.PieceBytes - at));
            _pieces[piece].AsSpan(at, again).CopyTo(buffer.Span);
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
        if (_length + bytes.Length > Resending.MaxBodyBytes)
        {
            Forget();
            return;
        }

        while (bytes.Length > 0)
        {
            var (piece, at) = Math.DivRem(_length, Resending.PieceBytes);
            if (piece == _pieces.Count)
            {
                if (room.TryLend() is not { } lent)
                {
                    Forget();
                    return;
                }

                _pieces.Add(lent);
            }

            var part = Math.Min(bytes.Length, Resending.PieceBytes - at);
            bytes[..part].CopyTo(_pieces[piece].AsSpan(at));
            bytes = bytes[part..];
            _length += part;
        }

        _position = _length;
    }

    private void Forget()
    {
        _pieces.ForEach(room.TakeBack);
        _pieces.Clear();
        (_length, _position, _isKept) = (0, 0, false);
    }
}
