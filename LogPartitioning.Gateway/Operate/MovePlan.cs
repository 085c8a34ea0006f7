using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Gateway.Operate;

/// <summary>What a move does with one partition.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="From">The offset of the next record to store, now.</param>
/// <param name="To">The same after the move.</param>
/// <param name="Direction"><c>back</c>, <c>forward</c> or <c>none</c>.</param>
/// <param name="Records">Offsets between the two: to be read again, or not to be read at all.</param>
/// <param name="Earliest">The first offset that the brokers hold.</param>
/// <param name="Latest">The offset that the next record will get.</param>
/// <param name="Clamped">Whether it would go further, and cannot.</param>
/// <param name="Why">Why it cannot; null where it can.</param>
/// <param name="FirstAt">When the record that is read next after the move was sent; null where there is none, or it was not found in time.</param>
/// <param name="Paused">Whether the partition is paused, without which it is not moved.</param>
internal sealed record MovePlan(
    int Partition, long From, long To, string Direction, long Records, long Earliest, long Latest, bool Clamped, string? Why, DateTimeOffset? FirstAt, bool Paused)
{
    /// <summary>The position goes back: records are read again.</summary>
    public const string Back = "back";

    /// <summary>The position goes on: records are not read.</summary>
    public const string Forward = "forward";

    /// <summary>The position stays.</summary>
    public const string None = "none";

    /// <summary>The plan for a partition, given every figure.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="from">Its position.</param>
    /// <param name="held">What the brokers hold.</param>
    /// <param name="target">Where to.</param>
    /// <param name="atTime">For a time, the first offset of it or after it.</param>
    /// <param name="paused">Whether the partition is paused.</param>
    public static MovePlan Of(int partition, long from, PartitionBounds held, MoveTarget target, long? atTime, bool paused)
    {
        var wanted = target switch
        {
            MoveTarget.Shift shift => Add(from, shift.By),
            MoveTarget.Offset offset => offset.Value,
            MoveTarget.Time => atTime ?? throw new ArgumentNullException(nameof(atTime)),
            MoveTarget.Beginning => held.Low,
            _ => held.High,
        };
        var to = Math.Clamp(wanted, held.Low, held.High);
        var why = wanted < held.Low ? FormattableString.Invariant($"the brokers hold records from offset {held.Low} on")
            : wanted > held.High ? FormattableString.Invariant($"the log ends at offset {held.High}")
            : target is MoveTarget.Time && held.Low > 0 && wanted == held.Low ? FormattableString.Invariant($"the brokers hold records from offset {held.Low} on: what came in before may be gone")
            : null;
        return new(
            partition,
            from,
            to,
            to < from ? Back : to > from ? Forward : None,
            Math.Abs(to - from),
            held.Low,
            held.High,
            why is not null,
            why,
            FirstAt: null,
            paused);
    }

    /// <summary>A sum that does not run over: a position is never negative.</summary>
    private static long Add(long position, long by) => by > long.MaxValue - position ? long.MaxValue : position + by;
}
