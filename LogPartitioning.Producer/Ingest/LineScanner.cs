using System.Buffers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Newline-delimited JSON: an event a line. A broken line is that event's own outcome, the others stand. Blank lines
/// are no events, and count for nothing.</summary>
internal sealed class LineScanner(JsonEvents events) : IBodyScanner
{
    /// <summary>How much of the line that is still arriving was searched for its end already.</summary>
    private long _searched;

    public SequencePosition Scan(ReadOnlySequence<byte> buffer, bool final)
    {
        var reader = new SequenceReader<byte>(buffer);
        var used = buffer.Start;
        reader.Advance(_searched);
        while (true)
        {
            // Nearly every line lies in one piece of memory, and is read where it lies.
            var rest = reader.UnreadSpan;
            if (_searched == 0 && rest.IndexOf((byte)'\n') is var end and >= 0)
            {
                if (rest[..end].ContainsAnyExcept(" \t\r"u8))
                {
                    events.Add(rest[..end]);
                }

                reader.Advance(end + 1);
            }
            else if (reader.TryAdvanceTo((byte)'\n', advancePastDelimiter: false))
            {
                AddLine(buffer.Slice(used, reader.Position));
                reader.Advance(1);
                _searched = 0;
            }
            else
            {
                break;
            }

            used = reader.Position;
        }

        var left = buffer.Slice(used);
        if (final)
        {
            AddLine(left);
            return buffer.End;
        }

        _searched = left.Length;
        return used;
    }

    private void AddLine(ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r"u8))
            {
                events.Add(line);
                return;
            }
        }
    }
}
