using System.Buffers;
using System.IO.Pipelines;

namespace LogPartitioning.LoadTest.Lines;

/// <summary>One line of a file, without the LF that ends it.</summary>
/// <param name="Bytes">The bytes before the LF, a CR included; empty where the line is too long.</param>
/// <param name="Terminated">An LF followed. Only a file's last line can lack it.</param>
/// <param name="TooLong">The line is longer than the reader takes, and was skipped.</param>
internal sealed record Line(byte[] Bytes, bool Terminated, bool TooLong);

/// <summary>
/// Splits a stream at LF, byte exact, in bounded memory. Not <see cref="StreamReader"/>: that one also splits at a
/// bare CR, replaces what is not UTF-8 and does not tell whether the last line was ended.
/// </summary>
internal sealed class LineReader(Stream stream, int longest) : IDisposable
{
    private readonly PipeReader _bytes = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));

    /// <summary>Bytes taken from the stream so far.</summary>
    public long BytesRead => stream.Position;

    /// <summary>The next line, or null at the end. A file that ends with an LF has no empty line after it.</summary>
    public async ValueTask<Line?> ReadAsync(CancellationToken cancellationToken)
    {
        var tooLong = false;
        while (true)
        {
            var read = await _bytes.ReadAsync(cancellationToken);
            var unread = read.Buffer;
            var end = unread.PositionOf((byte)'\n');
            if (end is null && !read.IsCompleted)
            {
                // Of a line that is too long, only its end matters from here on.
                tooLong |= unread.Length > longest;
                _bytes.AdvanceTo(tooLong ? unread.End : unread.Start, unread.End);
                continue;
            }

            var bytes = unread.Slice(0, end ?? unread.End);
            var isLine = end is not null || tooLong || bytes.Length > 0;
            tooLong |= bytes.Length > longest;
            var line = isLine ? new Line(tooLong ? [] : bytes.ToArray(), end is not null, tooLong) : null;
            _bytes.AdvanceTo(end is { } lf ? unread.GetPosition(1, lf) : unread.End);
            return line;
        }
    }

    public void Dispose() => _bytes.Complete();
}
