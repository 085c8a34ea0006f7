namespace LogPartitioning.Core.Lag;

/// <summary>
/// Judges a window of readings after the rules of Burrow's evaluator, in this order; the first that holds decides.
/// </summary>
/// <remarks>
/// <list type="number">
/// <item>No lag now: OK.</item>
/// <item>Nobody owns the partition: STOP. Burrow sees the stream of commits and infers this from their absence, in the course
/// of a window; here the group's description tells at once.</item>
/// <item>The lag was zero at some reading of the window: OK.</item>
/// <item>A committed offset lies below the one before it: REWIND.</item>
/// <item>The committed offset did not move over the whole window: STALL.</item>
/// <item>The lag never fell from one reading to the next: WARN.</item>
/// <item>Else: OK.</item>
/// </list>
/// Rules 5 and 6 need a full window: before, a consumer that has just started would be called stalled. Lag up to
/// <see cref="LagOptions.AllowedLag"/> counts as zero.
/// </remarks>
internal static class LagEvaluator
{
    public static (LagVerdict Verdict, string Reason) Judge(IReadOnlyCollection<LagSample> window, int fullWindow, long allowedLag)
    {
        var samples = window.ToArray();
        var last = samples[^1];
        if (last.Lag <= allowedLag)
        {
            return last.Owner is null
                ? (LagVerdict.Ok, "nothing waits; nobody owns the partition")
                : (LagVerdict.Ok, "nothing waits");
        }

        if (last.Owner is null)
        {
            return (LagVerdict.Stop, Text($"{last.Lag} records wait and no consumer owns the partition"));
        }

        // The span since the partition has had an owner: what happened, or did not, before says nothing of this one.
        var start = samples.Length - 1;
        while (start > 0 && samples[start - 1].Owner is not null)
        {
            start--;
        }

        var owned = samples[start..];
        var span = (last.At - owned[0].At).TotalSeconds;
        if (owned.Any(sample => sample.Lag <= allowedLag))
        {
            return (LagVerdict.Ok, Text($"the consumer had caught up within the last {span:0.#} s"));
        }

        for (var i = 1; i < owned.Length; i++)
        {
            if (owned[i - 1].Committed is { } before && (owned[i].Committed ?? -1) < before)
            {
                return (LagVerdict.Rewind, owned[i].Committed is { } after
                    ? Text($"the committed offset went back from {before} to {after}")
                    : Text($"the committed offset {before} is gone"));
            }
        }

        if (owned.Length < fullWindow)
        {
            return (LagVerdict.Ok, Text($"{last.Lag} records wait; {owned.Length} of {fullWindow} readings, too few to judge"));
        }

        if (owned.All(sample => sample.Position == last.Position))
        {
            return (LagVerdict.Stall, Text($"{last.Owner} has not moved its offset from {last.Position} for {span:0.#} s while {last.Lag} records wait"));
        }

        for (var i = 1; i < owned.Length; i++)
        {
            if (owned[i].Lag < owned[i - 1].Lag)
            {
                return (LagVerdict.Ok, Text($"{last.Lag} records wait and the lag fell within the last {span:0.#} s"));
            }
        }

        return (LagVerdict.Warn, Text($"offsets are committed, but the lag has not fallen for {span:0.#} s ({owned[0].Lag} then, {last.Lag} now)"));
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
