namespace LogPartitioning.LoadTest.Lines;

/// <summary>One line of a file, without the LF that ends it.</summary>
/// <param name="Bytes">The bytes before the LF, a CR included; valid until the next read. Cut where the line is too long.</param>
/// <param name="Terminated">An LF followed. Only a file's last line can lack it.</param>
/// <param name="TooLong">The line is longer than the reader takes; the rest was skipped.</param>
internal readonly record struct Line(ReadOnlyMemory<byte> Bytes, bool Terminated, bool TooLong);

/// <summary>
/// Splits a stream at LF, byte exact, in bounded memory. Not <see cref="StreamReader"/>: that one also splits at a
/// bare CR, replaces what is not UTF-8 and does not tell whether the last line was ended.
/// </summary>
internal sealed class LineReader(Stream stream, int longest) : IDisposable
{
    private readonly byte[] _buffer = new byte[Math.Max(longest + 1, 64 * 1024)];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Bytes taken from the stream so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The next line, or null at the end. A file that ends with an LF has no empty line after it.</summary>
    public async ValueTask<Line?> ReadAsync(CancellationToken cancellationToken)
    {
        var searched = 0;
        var tooLong = false;
        while (true)
        {
            var unread = _buffer.AsMemory(_start, _end - _start);
            var lf = unread.Span[searched..].IndexOf((byte)'\n');
            if (lf >= 0)
            {
                var length = searched + lf;
                _start += length + 1;
                return new Line(unread[..Math.Min(length, longest)], Terminated: true, tooLong || length > longest);
            }

            if (_ended)
            {
                _start = _end;
                return unread.Length == 0 && !tooLong
                    ? null
                    : new Line(unread[..Math.Min(unread.Length, longest)], Terminated: false, tooLong || unread.Length > longest);
            }

            searched = unread.Length;
            if (searched > longest)
            {
                // Only whether it ends matters from here on.
                tooLong = true;
                _start = _end = searched = 0;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => stream.Dispose();

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        BytesRead += read;
        _ended = read == 0;
    }
}
