using System.Buffers;
using System.IO.Pipelines;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>A body that arrives in pieces, as the network cuts it: each read that has looked at all there is gets one more.</summary>
internal sealed class CutBody : PipeReader
{
    private readonly Piece _first;
    private readonly bool _endsLate;
    private Piece? _last;
    private (Piece Piece, int Index) _start;
    private bool _sawAll = true;
    private bool _ended;

    /// <param name="bytes">The body.</param>
    /// <param name="cuts">The lengths of the pieces, in turn and over again; none for the whole at once.</param>
    /// <param name="endsLate">Whether the end is told after the last piece and not with it.</param>
    public CutBody(ReadOnlyMemory<byte> bytes, IReadOnlyList<int> cuts, bool endsLate = false)
    {
        _endsLate = endsLate;
        var length = cuts.Count == 0 ? bytes.Length : Math.Min(bytes.Length, cuts[0]);
        var piece = _first = new Piece(bytes[..length], 0);
        for (var (at, n) = (length, 1); at < bytes.Length; at += length, n++)
        {
            length = Math.Min(bytes.Length - at, cuts[n % cuts.Count]);
            piece = piece.Follow(bytes.Slice(at, length), at);
        }

        _start = (_first, 0);
    }

    /// <summary>Whether any of it was read.</summary>
    public bool HasBegun => _last is not null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => new(Read());

    public override bool TryRead(out ReadResult result)
    {
        result = Read();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _start = ((Piece)consumed.GetObject()!, consumed.GetInteger());
        _sawAll = ReferenceEquals(examined.GetObject(), _last) && examined.GetInteger() == _last!.Memory.Length;
    }

    public override void CancelPendingRead()
    {
    }

    public override void Complete(Exception? exception = null)
    {
    }

    private ReadResult Read()
    {
        if (_last is null)
        {
            _last = _first;
        }
        else if (_sawAll && _last.Next is Piece next)
        {
            _last = next;
        }
        else if (_sawAll)
        {
            _ended = true;
        }

        return new(
            new ReadOnlySequence<byte>(_start.Piece, _start.Index, _last, _last.Memory.Length),
            isCanceled: false,
            // No server hands on a read of nothing that is not the end.
            isCompleted: _last.Next is null && (_ended || !_endsLate || _last.Memory.IsEmpty));
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> bytes, long at) => (Memory, RunningIndex) = (bytes, at);

        public Piece Follow(ReadOnlyMemory<byte> bytes, long at)
        {
            var next = new Piece(bytes, at);
            Next = next;
            return next;
        }
    }
}
