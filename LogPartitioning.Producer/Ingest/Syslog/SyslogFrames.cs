using System.Buffers;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>
/// Finds the messages in the bytes of a connection (RFC 6587). One that begins with its length, in digits and a blank, is counted; any other is a line.
/// Of one that is too long the beginning is kept and the rest passed over, so that nothing grows with what a sender claims or sends.
/// </summary>
internal sealed class SyslogFrames : IDisposable
{
    /// <summary>The most bytes of a message that are kept.</summary>
    public const int MaxBytes = EventRules.MaxMessageBytes;

    /// <summary>Longer numbers are no lengths: a line may begin with one.</summary>
    private const int MaxLengthDigits = 10;

    private const byte LineFeed = (byte)'\n';
    private const byte Blank = (byte)' ';

    /// <summary>How much of a counted message that was too long is still to be passed over.</summary>
    private long _skip;

    /// <summary>The beginning of a line that is too long, until its end has come.</summary>
    private byte[]? _head;
    private long _beyondHead;
    private bool _headIsRead;
    private bool _lastWasLine;

    /// <summary>Takes the next message from the beginning of what has come.</summary>
    /// <param name="buffer">What has come; the message is taken off it. What is left of it must be there again the next time.</param>
    /// <param name="frame">The message; it lasts until the next one is asked for.</param>
    /// <returns>False where its end has not come.</returns>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out SyslogFrame frame)
    {
        frame = default;
        ReturnReadHead();
        if (!TrySkip(ref buffer))
        {
            return false;
        }

        if (_head is not null)
        {
            return TryEndLongLine(ref buffer, out frame);
        }

        SkipBetween(ref buffer);
        return LengthAtStart(buffer, out var length, out var start) switch
        {
            Framing.Counted => TryReadCounted(ref buffer, start, length, out frame),
            Framing.Line => TryReadLine(ref buffer, out frame),
            _ => false,
        };
    }

    /// <summary>Takes what is left when nothing more comes: a line without its end, or as much of a counted message as has come.</summary>
    /// <returns>False where nothing is left.</returns>
    public bool TryReadLast(ref ReadOnlySequence<byte> buffer, out SyslogFrame frame)
    {
        if (TryRead(ref buffer, out frame))
        {
            return true;
        }

        if (_head is not null)
        {
            frame = LongLine();
            return true;
        }

        var isCounted = LengthAtStart(buffer, out var length, out var start) == Framing.Counted;
        var rest = isCounted ? buffer.Slice(start) : buffer;
        frame = new(rest, isCounted ? length - rest.Length : 0);
        buffer = buffer.Slice(buffer.End);
        return !rest.IsEmpty;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _headIsRead = _head is not null;
        ReturnReadHead();
    }

    private bool TrySkip(ref ReadOnlySequence<byte> buffer)
    {
        var skipped = Math.Min(_skip, buffer.Length);
        buffer = buffer.Slice(skipped);
        _skip -= skipped;
        return _skip == 0;
    }

    private bool TryReadCounted(ref ReadOnlySequence<byte> buffer, int start, long length, out SyslogFrame frame)
    {
        var kept = Math.Min(length, MaxBytes);
        if (buffer.Length - start < kept)
        {
            frame = default;
            return false;
        }

        frame = new(buffer.Slice(start, kept), length - kept);
        buffer = buffer.Slice(start + kept);
        _skip = length - kept;
        _lastWasLine = false;
        return true;
    }

    private bool TryReadLine(ref ReadOnlySequence<byte> buffer, out SyslogFrame frame)
    {
        frame = default;
        if (buffer.PositionOf(LineFeed) is { } end)
        {
            var line = buffer.Slice(0, end);
            var kept = Math.Min(line.Length, MaxBytes);
            frame = new(line.Slice(0, kept), line.Length - kept);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            _lastWasLine = true;
            return true;
        }

        if (buffer.Length > MaxBytes)
        {
            _head = ArrayPool<byte>.Shared.Rent(MaxBytes);
            buffer.Slice(0, MaxBytes).CopyTo(_head);
            _beyondHead = buffer.Length - MaxBytes;
            buffer = buffer.Slice(buffer.End);
        }

        return false;
    }

    private bool TryEndLongLine(ref ReadOnlySequence<byte> buffer, out SyslogFrame frame)
    {
        if (buffer.PositionOf(LineFeed) is { } end)
        {
            _beyondHead += buffer.Slice(0, end).Length;
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            frame = LongLine();
            return true;
        }

        _beyondHead += buffer.Length;
        buffer = buffer.Slice(buffer.End);
        frame = default;
        return false;
    }

    private SyslogFrame LongLine()
    {
        _headIsRead = true;
        _lastWasLine = true;
        return new(new(_head!, 0, MaxBytes), _beyondHead);
    }

    private void ReturnReadHead()
    {
        if (_headIsRead)
        {
            ArrayPool<byte>.Shared.Return(_head!);
            (_head, _beyondHead, _headIsRead) = (null, 0, false);
        }
    }

    /// <summary>Empty lines, and the ends of lines that some senders write behind a counted message, are no messages.</summary>
    private static void SkipBetween(ref ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.AdvancePastAny(LineFeed, (byte)'\r', (byte)0);
        buffer = reader.UnreadSequence;
    }

    /// <summary>Whether a message begins with its length.</summary>
    private Framing LengthAtStart(in ReadOnlySequence<byte> buffer, out long length, out int start)
    {
        (length, start) = (0, 0);
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryRead(out var character))
        {
            start++;
            if (char.IsAsciiDigit((char)character) && start <= MaxLengthDigits && (character != '0' || start > 1))
            {
                length = (length * 10) + (character - '0');
                continue;
            }

            if (character != Blank || start == 1)
            {
                return Framing.Line;
            }

            // After lines a number is more likely the beginning of another line than a length, unless a message stands behind it.
            return !_lastWasLine ? Framing.Counted
                : reader.TryPeek(out var next) ? (next == '<' ? Framing.Counted : Framing.Line)
                : Framing.Unknown;
        }

        return Framing.Unknown;
    }

    private enum Framing
    {
        /// <summary>More has to come before that can be told.</summary>
        Unknown,
        Counted,
        Line,
    }
}
