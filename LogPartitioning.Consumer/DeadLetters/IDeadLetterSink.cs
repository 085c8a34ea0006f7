using LogPartitioning.Consumer.Reading;

namespace LogPartitioning.Consumer.DeadLetters;

/// <summary>Where dead letters go: <see cref="DeadLetterSink"/>, or in tests a list.</summary>
internal interface IDeadLetterSink
{
    /// <summary>
    /// Sends the dead letters among the slices' records and returns when all are acknowledged. What is no longer ours to write is
    /// left to the partition's next owner.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    Task SendAsync(IReadOnlyList<BatchSlice> slices, CancellationToken cancellationToken);
}
