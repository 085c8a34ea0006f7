using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.LoadTest.Traffic;

/// <summary>
/// Made-up events of a few sources, interleaved in proportion to their weights (smooth weighted round robin), so that
/// a source's events do not come in clumps.
/// </summary>
internal sealed class SyntheticLane(SyntheticTraffic traffic, IReadOnlyList<PlannedSource> sources, TimeProvider time) : IEventLane
{
    private readonly List<Turn> _turns =
        [.. sources.Where(s => s.Quota != 0).Select(s => new Turn(s, new MessageText(traffic.Seed, s.Name, traffic.MessageBytes)))];

    public double Rate { get; } = traffic.Rate * sources.Where(s => s.Quota != 0).Sum(s => s.Weight);

    public ValueTask FillAsync(EventBatch batch, int most, CancellationToken cancellationToken)
    {
        for (var i = 0; i < most && !batch.IsFull && _turns.Count > 0; i++)
        {
            var turn = Next();
            var (level, message) = turn.Text.Next();
            var sequence = ++turn.Sent;
            var now = time.GetUtcNow();
            var timestamp = traffic.Timestamp?.Invoke(now, sequence) ?? now;
            batch.Add(new OutgoingEvent(Guid.CreateVersion7(now), turn.Source.Name, sequence, level, message, timestamp), message.Length);
            if (sequence == turn.Source.Quota)
            {
                _turns.Remove(turn);
            }
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private Turn Next()
    {
        var next = _turns[0];
        var weights = 0.0;
        foreach (var turn in _turns)
        {
            weights += turn.Source.Weight;
            turn.Credit += turn.Source.Weight;
            next = turn.Credit > next.Credit ? turn : next;
        }

        next.Credit -= weights;
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
