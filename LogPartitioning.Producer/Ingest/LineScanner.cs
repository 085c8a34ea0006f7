using System.Buffers;

namespace LogPartitioning.Producer.Ingest;

/// <summary>Newline-delimited JSON: an event a line. A broken line is that event's own outcome, the others stand. Blank lines
/// are no events, and count for nothing.</summary>
internal sealed class LineScanner(EventBatch batch) : IBodyScanner
{
    /// <summary>How much of the line that is still arriving was searched for its end already.</summary>
    private long _searched;

    public SequencePosition Scan(ReadOnlySequence<byte> buffer, bool final)
    {
        while (buffer.Slice(_searched).PositionOf((byte)'\n') is { } end)
        {
            AddLine(buffer.Slice(0, end));
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            _searched = 0;
        }

        if (final)
        {
            AddLine(buffer);
            return buffer.End;
        }

        _searched = buffer.Length;
        return buffer.Start;
    }

    private void AddLine(ReadOnlySequence<byte> line)
    {
        foreach (var segment in line)
        {
            if (segment.Span.ContainsAnyExcept(" \t\r"u8))
            {
                batch.Add(line);
                return;
            }
        }
    }
}
