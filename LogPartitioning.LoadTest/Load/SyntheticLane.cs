using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Load;

/// <summary>
/// Made-up events of a few sources, interleaved in proportion to their weights (smooth weighted round robin), so that
/// a source's events do not come in clumps.
/// </summary>
internal sealed class SyntheticLane : IEventLane
{
    private readonly LoadOptions _options;
    private readonly TimeProvider _time;
    private readonly List<Turn> _turns;
    private double _weights;

    public SyntheticLane(LoadOptions options, IReadOnlyList<PlannedSource> sources, TimeProvider time)
    {
        _options = options;
        _time = time;
        _turns = [.. sources.Where(s => s.Quota != 0).Select(s => new Turn(s, new MessageText(options.Seed, s.Name, options.MessageBytes)))];
        _weights = _turns.Sum(t => t.Source.Weight);
        Rate = options.Rate * _weights;
    }

    public double Rate { get; }

    public ValueTask FillAsync(EventBatch batch, int most, CancellationToken cancellationToken)
    {
        for (var i = 0; i < most && !batch.IsFull && Next() is { } turn; i++)
        {
            var (level, message) = turn.Text.Next();
            var sequence = ++turn.Sent;
            var now = _time.GetUtcNow();
            batch.Add(
                new OutgoingEvent(
                    Guid.CreateVersion7(now), turn.Source.Name, sequence, level, message,
                    _options.Timestamp?.Invoke(now, sequence) ?? now),
                _options.MessageBytes);
            if (sequence == turn.Source.Quota)
            {
                _turns.Remove(turn);
                _weights = _turns.Sum(t => t.Source.Weight);
            }
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private Turn? Next()
    {
        Turn? next = null;
        foreach (var turn in _turns)
        {
            turn.Credit += turn.Source.Weight;
            if (next is null || turn.Credit > next.Credit)
            {
                next = turn;
            }
        }

        if (next is not null)
        {
            next.Credit -= _weights;
        }

        return next;
    }

    private sealed class Turn(PlannedSource source, MessageText text)
    {
        public PlannedSource Source => source;

        public MessageText Text => text;

        public double Credit { get; set; }

        public long Sent { get; set; }
    }
}
