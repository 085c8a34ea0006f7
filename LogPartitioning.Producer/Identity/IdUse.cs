namespace LogPartitioning.Producer.Identity;

/// <summary>What is known of an earlier use of an event's id.</summary>
internal abstract record IdUse
{
    private IdUse()
    {
    }

    /// <summary>The same event was acknowledged before: its first place.</summary>
    public sealed record Acknowledged(string Key, int Partition, long Offset) : IdUse;

    /// <summary>Another event has the id.</summary>
    /// <param name="Rule">What the event breaks, in words.</param>
    public sealed record Taken(string Rule) : IdUse
    {
        public static Taken ByOtherSource { get; } = new("was used before by an event of another source");

        public static Taken ByOtherContent { get; } = new("was used before by an event with other content");
    }

    /// <summary>The same event stands earlier in the same request.</summary>
    /// <param name="Index">Its place among the events that were asked about.</param>
    public sealed record Repeated(int Index) : IdUse;
}
