namespace LogPartitioning.LoadTest.Sending;

/// <summary>The attributes that every event of this program carries, so that the store can be audited.</summary>
public static class EventAttributes
{
    /// <summary>The run that sent the event, a UUID.</summary>
    public const string Run = "run";

    /// <summary>The event's place among the run's events of its source, from 1.</summary>
    public const string Sequence = "seq";
}
