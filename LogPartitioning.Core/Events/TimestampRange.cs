namespace LogPartitioning.Core.Events;

/// <summary>Which timestamps are taken at the door, from the clock's time on: older events would be dropped at once, later ones would stay for long.</summary>
/// <param name="Age">How far back.</param>
/// <param name="Lead">How far ahead.</param>
public sealed record TimestampRange(TimeSpan Age, TimeSpan Lead)
{
    /// <summary>The rule that a time breaks, or null.</summary>
    /// <param name="time">The time.</param>
    /// <param name="now">The clock's.</param>
    public string? BrokenBy(DateTimeOffset time, DateTimeOffset now)
    {
        // Compared without sums: they would leave the calendar at its ends.
        var age = now - time;
        return age <= Age && -age <= Lead
            ? null
            : $"must be between {Rfc3339.Format(now - Age)} and {Rfc3339.Format(now + Lead)}, and is {Rfc3339.Format(time)}: "
                + (age > Age ? "older events would be dropped at once (Store:RetentionDays)" : "it lies too far ahead of the clock (Store:MaxTimestampLead)");
    }
}
