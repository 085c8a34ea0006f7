using Confluent.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>
/// The records of one request on their way. The client reports each on its own thread; a report that comes after the
/// request was answered is counted, but changes the answer no more.
/// </summary>
internal sealed class DeliveryBatch(int count, ProducerMetrics metrics, TimeProvider time)
{
    private const string NotInTime = "The brokers did not acknowledge it in time.";

    private readonly DeliveryOutcome?[] _outcomes = new DeliveryOutcome?[count];
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = count;

    /// <summary>Completes when every record has its outcome.</summary>
    public Task Reported => _reported.Task;

    /// <summary>What to call with the report about record <paramref name="index"/>.</summary>
    public Action<DeliveryReport<string, byte[]>> ReportOf(int index)
    {
        var sentAt = time.GetTimestamp();
        return report =>
        {
            if (report.Error.IsError)
            {
                Set(index, FailureOf(report.Key, report.Error));
                return;
            }

            metrics.Produced(report.Partition, time.GetElapsedTime(sentAt));
            Set(index, DeliveryOutcome.Acknowledged(report.Key, report.Partition, report.Offset));
        };
    }

    /// <summary>Settles a record that never went on its way.</summary>
    public void Fail(int index, string key, Error error) => Set(index, FailureOf(key, error));

    /// <summary>The outcomes so far; a record without one was not acknowledged in time.</summary>
    public DeliveryOutcome[] Outcomes()
    {
        var outcomes = new DeliveryOutcome[_outcomes.Length];
        for (var i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = Volatile.Read(ref _outcomes[i]) ?? DeliveryOutcome.Failed("", NotInTime, mayRetry: true);
        }

        return outcomes;
    }

    private static DeliveryOutcome FailureOf(string key, Error error) => error.Code switch
    {
        ErrorCode.Local_MsgTimedOut => DeliveryOutcome.Failed(key, NotInTime, mayRetry: true),
        ErrorCode.MsgSizeTooLarge => DeliveryOutcome.Failed(key, "It is larger than the brokers take.", mayRetry: false),
        _ => DeliveryOutcome.Failed(key, $"The brokers did not acknowledge it: {error.Reason}.", mayRetry: true),
    };

    private void Set(int index, DeliveryOutcome outcome)
    {
        Volatile.Write(ref _outcomes[index], outcome);
        if (Interlocked.Decrement(ref _open) == 0)
        {
            _reported.TrySetResult();
        }
    }
}
