using System.Text;
using LogPartitioning.Core.Events;
using LogPartitioning.LoadTest.Lines;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Replay;

/// <summary>
/// A file's lines as events, in the file's order. A line ends at an LF, and a CR directly before that LF belongs to
/// the line end; every other byte is the message's, a bare CR and the blanks around it included. An empty line is an
/// event with an empty message. A byte order mark at the start of the file is not part of the first line.
/// </summary>
internal sealed class FileLane : IEventLane
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly LineReader _lines;
    private readonly string _file;
    private readonly string _source;
    private readonly bool _replaceInvalid;
    private readonly UnsentLines _unsent;
    private readonly Action<long> _read;
    private readonly TimeProvider _time;
    private long _number;
    private long _reported;

    /// <param name="file">The file; closed with the lane.</param>
    /// <param name="rate">Lines per second, 0 for no limit.</param>
    /// <param name="replaceInvalid">Whether a line that is not UTF-8 is sent with replacement characters.</param>
    /// <param name="unsent">Where lines that cannot be an event are counted.</param>
    /// <param name="read">Told the bytes read since it was last told.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public FileLane(
        string file, double rate, bool replaceInvalid, UnsentLines unsent, Action<long> read, TimeProvider time)
    {
        _file = file;
        _source = ReplayOptions.SourceOf(file);
        _replaceInvalid = replaceInvalid;
        _unsent = unsent;
        _read = read;
        _time = time;
        Rate = rate;
        // One byte more for the CR of a line end.
        _lines = new LineReader(
            new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0), EventRules.MaxMessageBytes + 1);
    }

    public double Rate { get; }

    public async ValueTask FillAsync(EventBatch batch, int most, CancellationToken cancellationToken)
    {
        for (var i = 0; i < most && !batch.IsFull;)
        {
            if (await _lines.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } line)
            {
                break;
            }

            _number++;
            if (TryRead(line, out var message, out var bytes))
            {
                var now = _time.GetUtcNow();
                batch.Add(new OutgoingEvent(Guid.CreateVersion7(now), _source, _number, "Information", message, now), bytes);
                i++;
            }
        }

        _read(_lines.BytesRead - _reported);
        _reported = _lines.BytesRead;
    }

    public void Dispose() => _lines.Dispose();

    private bool TryRead(Line line, out string message, out int length)
    {
        var bytes = line.Bytes.Span;
        if (line.Terminated && !line.TooLong && bytes.EndsWith("\r"u8))
        {
            bytes = bytes[..^1];
        }

        if (_number == 1 && bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        message = "";
        length = bytes.Length;
        if (line.TooLong || length > EventRules.MaxMessageBytes)
        {
            return NotSent($"it is longer than {EventRules.MaxMessageBytes:N0} bytes");
        }

        if (bytes.Contains((byte)0))
        {
            return NotSent("it contains a zero byte, which PostgreSQL cannot store in a text");
        }

        try
        {
            message = (_replaceInvalid ? Encoding.UTF8 : Strict).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return NotSent("it is not UTF-8 (--replace-invalid sends it with replacement characters)");
        }

        if (_replaceInvalid && Encoding.UTF8.GetByteCount(message) > EventRules.MaxMessageBytes)
        {
            return NotSent($"it is longer than {EventRules.MaxMessageBytes:N0} bytes");
        }

        return true;
    }

    private bool NotSent(string reason)
    {
        _unsent.Add(_file, _number, reason);
        return false;
    }
}
