using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// One JSON text: an event, or an array of events, which are taken as they arrive. Where the text is not well-formed the
/// whole body is refused, since what its parts were meant to be cannot be told.
/// </summary>
internal sealed class JsonScanner(JsonEvents events) : IBodyScanner
{
    /// <summary>Depth is an event's matter, refused by rule with its place.</summary>
    private static readonly JsonReaderOptions Syntax = new() { MaxDepth = int.MaxValue };

    private JsonReaderState _state = new(Syntax);
    private bool? _isArray;
    private long _tried;

    /// <summary>The white space before the text. It is kept, since the place of a mistake is counted from the start of the body.</summary>
    private long _blank;

    public SequencePosition Scan(ReadOnlySequence<byte> buffer, bool final)
    {
        if (_isArray is null && !TryTellForm(buffer))
        {
            return buffer.Start; // Nothing but white space.
        }

        if (_isArray == true)
        {
            return ScanArray(buffer, final);
        }

        if (final)
        {
            events.Batch.IsSingle = true;
            events.Add(buffer);
        }

        return buffer.Start;
    }

    private bool TryTellForm(ReadOnlySequence<byte> buffer)
    {
        foreach (var segment in buffer.Slice(_blank))
        {
            var first = segment.Span.IndexOfAnyExcept(" \t\r\n"u8);
            if (first >= 0)
            {
                _isArray = segment.Span[first] == (byte)'[';
                return true;
            }
        }

        _blank = buffer.Length;
        return false;
    }

    private SequencePosition ScanArray(ReadOnlySequence<byte> buffer, bool final)
    {
        // An event that is still arriving is read from its start each time; waiting for twice as much keeps that linear.
        if (!final && buffer.Length < 2 * _tried)
        {
            return buffer.Start;
        }

        try
        {
            var reader = new Utf8JsonReader(buffer, final, _state);
            long used = 0;
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0)
                {
                    // The outer array itself, at its start or its end.
                    used = Checkpoint(in reader);
                    continue;
                }

                var start = reader.TokenStartIndex;
                if (!reader.TrySkip())
                {
                    break;
                }

                events.Add(buffer.Slice(start, reader.BytesConsumed - start));
                used = Checkpoint(in reader);
            }

            _tried = buffer.Length - used;
            return buffer.GetPosition(used);
        }
        catch (JsonException e)
        {
            throw RequestRefusedException.Malformed(string.Create(
                CultureInfo.InvariantCulture,
                $"The body must be well-formed JSON; line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} is not. Nothing of it was taken."));
        }
    }

    private long Checkpoint(in Utf8JsonReader reader)
    {
        _state = reader.CurrentState;
        return reader.BytesConsumed;
    }
}
