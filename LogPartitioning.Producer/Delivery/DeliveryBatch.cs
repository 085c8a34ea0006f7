using Confluent.Kafka;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>
/// The records of one request on their way. The client reports each on its own thread; a report that comes after the
/// request was answered is counted, but changes the answer no more.
/// </summary>
internal sealed class DeliveryBatch(int count, QueuedRecords queued, ProducerMetrics metrics, TimeProvider time)
{
    private const string NotInTime = "The brokers did not acknowledge it in time.";

    private readonly DeliveryOutcome?[] _outcomes = new DeliveryOutcome?[count];
    private readonly bool[] _refusedTogether = new bool[count];
    private volatile TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = count;

    /// <summary>Completes when every record has its outcome.</summary>
    public Task Reported => _reported.Task;

    /// <summary>What to call with the report about record <paramref name="index"/>.</summary>
    /// <param name="index">The record.</param>
    /// <param name="bytes">What it takes of the queue until then.</param>
    /// <param name="alone">Whether no other record can have been in its batch. Else a batch that is too large says nothing
    /// about the records in it.</param>
    public Action<DeliveryReport<string, byte[]>> ReportOf(int index, int bytes, bool alone)
    {
        var sentAt = time.GetTimestamp();
        return report =>
        {
            queued.Leave(bytes);
            if (report.Error.IsError)
            {
                _refusedTogether[index] = !alone && report.Error.Code == ErrorCode.MsgSizeTooLarge;
                Set(index, _refusedTogether[index]
                    ? DeliveryOutcome.Failed(report.Key, "The brokers refused it together with others, as too large.", DeliveryFailure.NotNow)
                    : FailureOf(report.Key, report.Error));
                return;
            }

            metrics.Produced(report.Partition, time.GetElapsedTime(sentAt));
            Set(index, DeliveryOutcome.Acknowledged(report.Key, report.Partition, report.Offset));
        };
    }

    /// <summary>Settles a record that never went on its way.</summary>
    public void Fail(int index, string key, Error error) => Set(index, FailureOf(key, error));

    /// <summary>
    /// Once all are reported: the records that were refused for the size of the batch they were in, in their order. They count
    /// as being on their way again.
    /// </summary>
    public IReadOnlyList<int> TakeRefusedTogether()
    {
        int[] refused = [.. Enumerable.Range(0, _outcomes.Length).Where(index => _refusedTogether[index])];
        if (refused.Length > 0)
        {
            _open = refused.Length;
            _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return refused;
    }

    /// <summary>Whether a record is acknowledged by now.</summary>
    public bool IsAcknowledged(int index) => Volatile.Read(ref _outcomes[index])?.IsAcknowledged == true;

    /// <summary>The outcomes so far; a record without one was not acknowledged in time.</summary>
    public DeliveryOutcome[] Outcomes()
    {
        var outcomes = new DeliveryOutcome[_outcomes.Length];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Volatile.Read(ref _outcomes[i]) ?? DeliveryOutcome.Failed("", NotInTime, DeliveryFailure.NotNow);
        }

        return outcomes;
    }

    private static DeliveryOutcome FailureOf(string key, Error error)
    {
        var failure = DeliveryFailures.Of(error.Code);
        return DeliveryOutcome.Failed(key, (failure, error.Code) switch
        {
            (DeliveryFailure.TooLarge, _) => "It is larger than the brokers take.",
            (DeliveryFailure.Setup, _) => $"The brokers' set-up does not let it in: {BrokerFailure.InWords(error)}.",
            (_, ErrorCode.Local_MsgTimedOut) => NotInTime,
            _ => $"The brokers did not acknowledge it: {BrokerFailure.InWords(error)}.",
        }, failure, error.Reason);
    }

    private void Set(int index, DeliveryOutcome outcome)
    {
        Volatile.Write(ref _outcomes[index], outcome);
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _reported.TrySetResult();
        }
    }
}
