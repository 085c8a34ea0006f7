using System.Text;
using System.Text.Unicode;
using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Lines;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Traffic;

/// <summary>
/// A file's lines as events, in the file's order. A line ends at an LF, and a CR directly before that LF belongs to
/// the line end; every other byte is the message's, a bare CR and the blanks around it included. An empty line is an
/// event with an empty message. A byte order mark at the start of the file is not part of the first line.
/// </summary>
/// <param name="traffic">Told what was read and what was left out.</param>
/// <param name="file">The file; closed with the lane.</param>
/// <param name="rate">Lines per second, 0 for no limit.</param>
/// <param name="time">The clock.</param>
/// <exception cref="IOException">The file cannot be opened.</exception>
internal sealed class FileLane(FileTraffic traffic, string file, double rate, TimeProvider time) : IEventLane
{
    // One byte more for the CR of a line end.
    private readonly LineReader _lines = new(
        new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), EventRules.MaxMessageBytes + 1);

    private readonly string _source = FileTraffic.SourceOf(file);
    private long _number;
    private long _bytesRead;

    public double Rate => rate;

    public async ValueTask FillAsync(EventBatch batch, int most, CancellationToken cancellationToken)
    {
        for (var i = 0; i < most && !batch.IsFull && await _lines.ReadAsync(cancellationToken) is { } line;)
        {
            _number++;
            var (message, bytes, problem) = Read(line);
            if (problem is not null)
            {
                traffic.LeaveOut(file, _number, problem);
                continue;
            }

            var now = time.GetUtcNow();
            batch.Add(new OutgoingEvent(Guid.CreateVersion7(now), _source, _number, "Information", message, now), bytes);
            i++;
        }

        traffic.CountRead(_lines.BytesRead - _bytesRead);
        _bytesRead = _lines.BytesRead;
    }

    public void Dispose() => _lines.Dispose();

    /// <summary>The line's message and its bytes of UTF-8, or why it cannot be an event.</summary>
    private (string Message, int Bytes, string? Problem) Read(Line line)
    {
        var bytes = line.Bytes.AsSpan();
        if (line.Terminated && bytes.EndsWith("\r"u8))
        {
            bytes = bytes[..^1];
        }

        if (_number == 1 && bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        // With replacement characters in it a message may be longer than its line.
        var message = Encoding.UTF8.GetString(bytes);
        var length = Encoding.UTF8.GetByteCount(message);
        var problem = line.TooLong || length > EventRules.MaxMessageBytes ? $"it is longer than {EventRules.MaxMessageBytes:N0} bytes"
            : bytes.Contains((byte)0) ? "it contains a zero byte, which PostgreSQL cannot store in a text"
            : traffic.ReplaceInvalid || Utf8.IsValid(bytes) ? null
            : "it is not UTF-8 (--replace-invalid sends it with replacement characters)";
        return (message, length, problem);
    }
}
