namespace LogPartitioning.Core.Lag;

/// <summary>One reading of one partition.</summary>
internal readonly record struct LagSample(DateTimeOffset At, long Beginning, long End, long? Committed, string? Owner)
{
    /// <summary>What is read next: without a commit the first record that is there.</summary>
    public long Position => Math.Max(Committed ?? Beginning, Beginning);

    public long Lag => Math.Max(0, End - Position);
}

/// <summary>The last readings of one partition. Not safe for use from several threads.</summary>
internal sealed class PartitionWindow(int capacity)
{
    private readonly Queue<LagSample> _samples = new(capacity);

    public EndOffsetTimeline Timeline { get; } = new();

    public IReadOnlyCollection<LagSample> Samples => _samples;

    /// <summary>The owner at the last reading; null when there was none, or no reading.</summary>
    public string? LastOwner { get; private set; }

    public void Add(LagSample sample)
    {
        if (_samples.Count == capacity)
        {
            _samples.Dequeue();
        }

        _samples.Enqueue(sample);
        LastOwner = sample.Owner;
        Timeline.Add(sample.At, sample.End);
    }
}
