using LogPartitioning.Core.Storage;

namespace LogPartitioning.Core.Lag;

/// <summary>One reading of one partition.</summary>
/// <param name="At">When it was taken.</param>
/// <param name="End">The offset that the next record will get.</param>
/// <param name="Position">What is read next.</param>
/// <param name="Lag">Records not yet stored.</param>
/// <param name="Owner">Who owned it; null when nobody did.</param>
/// <param name="Halt">Why it was not read; null while it was.</param>
/// <param name="StableEnd">Up to where records could be read.</param>
internal readonly record struct LagSample(
    DateTimeOffset At, long End, long Position, long Lag, string? Owner, PartitionHalt? Halt = null, long? StableEnd = null)
{
    /// <summary>Whether the records that come next are held back by a transaction that is still open.</summary>
    public bool IsHeldBack => StableEnd is { } stable && stable < End && Position >= stable;
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
