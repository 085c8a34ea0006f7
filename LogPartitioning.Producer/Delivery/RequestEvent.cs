namespace LogPartitioning.Producer.Delivery;

/// <summary>One event of a request.</summary>
/// <param name="Id">Its id, when it may be sent on.</param>
/// <param name="Source">Its source, when it may be sent on.</param>
/// <param name="Value">The value of its record, when it may be sent on.</param>
/// <param name="Problem">Why it may not be sent on, naming field and rule; else null.</param>
internal readonly record struct RequestEvent(Guid Id, string Source, byte[] Value, string? Problem)
{
    /// <summary>Whether the id is its client's own, so that it may come again.</summary>
    public bool HasOwnId { get; init; }

    /// <summary>Whether the timestamp is its client's own, and not the time of receipt.</summary>
    public bool HasOwnTimestamp { get; init; }

    /// <summary>What the event says, in short; only of one with an id of its own.</summary>
    public UInt128 Fingerprint { get; init; }
}
