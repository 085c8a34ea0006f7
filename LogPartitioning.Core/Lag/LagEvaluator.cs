namespace LogPartitioning.Core.Lag;

/// <summary>
/// Judges a window of readings after the rules of Burrow's evaluator, in this order; the first that holds decides.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>An operator has paused the partition: WARN. Nothing is wrong, and what waits is waiting on purpose.</item>
/// <item>The partition is halted: STOP. Nothing will be read until an operator decides.</item>
/// <item>No lag now: OK.</item>
/// <item>Nobody owns the partition: STOP. Burrow sees the stream of commits and infers this from their absence, in the course
/// of a window; here the group's description tells at once.</item>
/// <item>A transaction of another program holds the next records back, and did so at the reading before too: STALL, with its name.</item>
/// <item>The position has not moved for <see cref="StallAfter"/>, at three readings or more, while records waited at each of them: STALL.</item>
/// <item>The lag was zero at some reading of the window: OK.</item>
/// <item>The position lies below the one before it: REWIND.</item>
/// <item>The position did not move over the whole window: STALL.</item>
/// <item>The lag never fell from one reading to the next: WARN.</item>
/// <item>Else: OK.</item>
/// </list>
/// Positions are the store's, or the brokers' commits where it is not known. The last rules need a full window, which with
/// the default interval is five minutes. A position that stands still while records wait needs no such care: a minute of
/// it is more than a start or a rebalance takes. Lag up to <see cref="LagOptions.AllowedLag"/> counts as zero.
/// </remarks>
internal static class LagEvaluator
{
    /// <summary>How long a position may stand still while records wait.</summary>
    public static readonly TimeSpan StallAfter = TimeSpan.FromMinutes(1);

    public static (LagVerdict Verdict, string Reason) Judge(IReadOnlyCollection<LagSample> window, int fullWindow, long allowedLag)
    {
        var samples = window.ToArray();
        var last = samples[^1];
        if (last.Halt is { IsPause: true } pause)
        {
            return (LagVerdict.Warn, Text($"{pause.Detail}; {Waiting(last.Lag)}"));
        }

        if (last.Halt is { } halt)
        {
            return (LagVerdict.Stop, Text($"halted: {halt.Detail}"));
        }

        if (last.Lag <= allowedLag)
        {
            return last.Owner is null
                ? (LagVerdict.Ok, "nothing waits; nobody owns the partition")
                : (LagVerdict.Ok, "nothing waits");
        }

        if (last.Owner is null)
        {
            return (LagVerdict.Stop, Text($"{Waiting(last.Lag)} and no consumer owns the partition"));
        }

        // The span since the partition has had an owner: what happened, or did not, before says nothing of this one.
        var start = samples.Length - 1;
        while (start > 0 && samples[start - 1].Owner is not null)
        {
            start--;
        }

        var owned = samples[start..];
        var span = (last.At - owned[0].At).TotalSeconds;
        var still = owned.Length - 1;
        while (still > 0 && owned[still - 1].Position == last.Position && owned[still - 1].Lag > allowedLag)
        {
            still--;
        }

        var stands = last.At - owned[still].At;
        if (last.IsHeldBack && owned.Length > 1 && owned[^2].IsHeldBack)
        {
            var since = owned.Reverse().TakeWhile(sample => sample.StableEnd == last.StableEnd && sample.IsHeldBack).Last().At;
            return (LagVerdict.Stall, Text(
                $"a transaction of another program has been open since {since:O} or longer: {last.End - last.StableEnd} records from offset {last.StableEnd} on cannot be read before it ends"));
        }

        if (owned.Length - still >= 3 && stands >= StallAfter)
        {
            return (LagVerdict.Stall, Text($"{last.Owner} has not moved its position from {last.Position} for {stands.TotalSeconds:0.#} s while {Waiting(last.Lag)}"));
        }

        if (owned.Any(sample => sample.Lag <= allowedLag))
        {
            return (LagVerdict.Ok, Text($"the consumer had caught up within the last {span:0.#} s"));
        }

        for (var i = 1; i < owned.Length; i++)
        {
            if (owned[i].Position < owned[i - 1].Position)
            {
                return (LagVerdict.Rewind, Text($"the position went back from {owned[i - 1].Position} to {owned[i].Position}"));
            }
        }

        if (owned.Length < fullWindow)
        {
            return (LagVerdict.Ok, Text($"{Waiting(last.Lag)}; {owned.Length} of {fullWindow} readings, too few to judge"));
        }

        if (owned.All(sample => sample.Position == last.Position))
        {
            return (LagVerdict.Stall, Text($"{last.Owner} has not moved its position from {last.Position} for {span:0.#} s while {Waiting(last.Lag)}"));
        }

        for (var i = 1; i < owned.Length; i++)
        {
            if (owned[i].Lag < owned[i - 1].Lag)
            {
                return (LagVerdict.Ok, Text($"{Waiting(last.Lag)} and the lag fell within the last {span:0.#} s"));
            }
        }

        return (LagVerdict.Warn, Text($"the position moves, but the lag has not fallen for {span:0.#} s ({owned[0].Lag} then, {last.Lag} now)"));
    }

    /// <summary>A lag in words.</summary>
    internal static string Waiting(long records) => records == 1 ? "1 record waits" : Text($"{records} records wait");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
