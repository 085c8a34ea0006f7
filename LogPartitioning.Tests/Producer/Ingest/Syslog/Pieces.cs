using System.Buffers;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

/// <summary>Bytes in more than one piece.</summary>
internal static class Pieces
{
    public static ReadOnlySequence<byte> Of(byte[] first, byte[] second)
    {
        var head = new Segment(first);
        var tail = head.Append(second);
        return new(head, 0, tail, second.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes) => Memory = bytes;

        public Segment Append(byte[] bytes)
        {
            var next = new Segment(bytes) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
