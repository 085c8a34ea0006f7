using LogPartitioning.Consumer.Buffering;

namespace LogPartitioning.Consumer.DeadLetters;

/// <summary>Where dead letters go: <see cref="DeadLetterSink"/>, or in tests a list.</summary>
internal interface IDeadLetterSink
{
    /// <summary>Sends the dead letters among the records and returns when all are acknowledged.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before that.</exception>
    Task SendAsync(IReadOnlyList<BufferedRecord> records, CancellationToken cancellationToken);
}
