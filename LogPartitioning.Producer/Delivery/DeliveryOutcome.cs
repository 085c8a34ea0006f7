namespace LogPartitioning.Producer.Delivery;

/// <summary>What became of a record: acknowledged at a place, or not, and why.</summary>
/// <param name="Key">The record key.</param>
/// <param name="Partition">The partition, when acknowledged.</param>
/// <param name="Offset">The offset, when acknowledged.</param>
/// <param name="Error">Why it is not acknowledged, or null.</param>
/// <param name="Failure">What it would take, when not acknowledged.</param>
/// <param name="Cause">The brokers' or the client's own words about that, for the log.</param>
internal sealed record DeliveryOutcome(string Key, int Partition, long Offset, string? Error, DeliveryFailure? Failure, string? Cause = null)
{
    public bool IsAcknowledged => Error is null;

    /// <summary>Whether it was acknowledged before, at this place, and was not sent again.</summary>
    public bool IsDuplicate { get; init; }

    /// <summary>Whether the same event may be acknowledged when it is sent again.</summary>
    public bool MayRetry => Failure == DeliveryFailure.NotNow;

    public static DeliveryOutcome Acknowledged(string key, int partition, long offset) => new(key, partition, offset, null, null);

    public static DeliveryOutcome Failed(string key, string error, DeliveryFailure failure, string? cause = null) => new(key, -1, -1, error, failure, cause);
}
