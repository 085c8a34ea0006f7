namespace LogPartitioning.Producer.Delivery;

/// <summary>One event of a request.</summary>
/// <param name="Id">Its id, when it may be sent on.</param>
/// <param name="Source">Its source, when it may be sent on.</param>
/// <param name="Value">The value of its record, when it may be sent on.</param>
/// <param name="Problem">Why it may not be sent on, naming field and rule; else null.</param>
internal readonly record struct RequestEvent(Guid Id, string Source, byte[] Value, string? Problem);
