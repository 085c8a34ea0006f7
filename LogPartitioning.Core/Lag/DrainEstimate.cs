namespace LogPartitioning.Core.Lag;

/// <summary>When a backlog will be gone: lag / (consumed - arriving).</summary>
/// <param name="Seconds">Seconds from now; null when it never will be at this rate, or when too little is known.</param>
/// <param name="Text">The same in words.</param>
public sealed record DrainEstimate(double? Seconds, string Text)
{
    /// <summary>Nothing waits.</summary>
    public static DrainEstimate Drained { get; } = new(0, "drained");

    /// <summary>Fewer than two readings.</summary>
    public static DrainEstimate Unknown { get; } = new(null, "not known yet");

    /// <summary>Records arrive at least as fast as they are consumed.</summary>
    public static DrainEstimate Never { get; } = new(null, "never at this rate");

    /// <summary>The estimate from a lag in records and two rates in records a second.</summary>
    public static DrainEstimate From(long lag, double consumedPerSecond, double arrivingPerSecond)
    {
        if (lag <= 0)
        {
            return Drained;
        }

        var gain = consumedPerSecond - arrivingPerSecond;
        // A gain this small is rounding: it would promise an end in years.
        if (gain <= 1e-6)
        {
            return Never;
        }

        var seconds = lag / gain;
        return new(seconds, Words(seconds));
    }

    private static string Words(double seconds) => seconds switch
    {
        < 1 => "in less than a second",
        < 120 => FormattableString.Invariant($"in {seconds:0} s"),
        < 2 * 3600 => FormattableString.Invariant($"in {seconds / 60:0} min"),
        < 2 * 86400 => FormattableString.Invariant($"in {seconds / 3600:0.#} h"),
        _ => FormattableString.Invariant($"in {seconds / 86400:0.#} days"),
    };
}
