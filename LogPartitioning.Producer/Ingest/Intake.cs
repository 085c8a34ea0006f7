using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest;

/// <summary>What became of the events of a request.</summary>
/// <param name="Batch">The events, good and bad.</param>
/// <param name="Sent">Those that may be sent, in their order.</param>
/// <param name="Outcomes">The outcome of each of these.</param>
/// <param name="Acknowledged">How many of them the brokers have.</param>
internal sealed record Intake(EventBatch Batch, IReadOnlyList<RequestEvent> Sent, DeliveryOutcome[] Outcomes, int Acknowledged)
{
    /// <summary>
    /// What stands in the way of a request of which nothing was acknowledged; null where something was, where there was nothing to send, and where
    /// the events themselves are at fault, and each outcome says so.
    /// </summary>
    public DeliveryFailure? Failure => Acknowledged > 0 ? null : FailureOfAny;

    /// <summary>
    /// The same for a protocol that cannot say which events to send again: null only where no event is left that may be acknowledged when the whole
    /// request comes again.
    /// </summary>
    public DeliveryFailure? FailureOfAny =>
        Outcomes.Any(outcome => outcome.MayRetry) ? DeliveryFailure.NotNow
        : Outcomes.Any(outcome => outcome.Failure == DeliveryFailure.Setup) ? DeliveryFailure.Setup
        : null;

    /// <summary>What is wrong with the events that are not taken and need not come again, with their places in the request.</summary>
    public IEnumerable<(int Index, string Problem)> Refused()
    {
        var next = 0;
        for (var i = 0; i < Batch.Entries.Count; i++)
        {
            if ((Batch.Entries[i].Problem ?? Outcomes[next++].Error) is { } problem)
            {
                yield return (Batch.PlaceOf(i), problem);
            }
        }
    }
}
