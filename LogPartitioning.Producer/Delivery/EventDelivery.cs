using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Delivery;

/// <summary>Sends the events of a request in their order and waits until the brokers have acknowledged them.</summary>
internal sealed class EventDelivery(
    IProducer<string, byte[]> producer,
    SourceRouter router,
    BrokerCapabilities brokers,
    IOptions<KafkaOptions> kafka,
    IOptions<ProducerOptions> options,
    ProducerMetrics metrics,
    TimeProvider time)
{
    /// <summary>How long to wait before a full queue is tried again.</summary>
    private static readonly TimeSpan QueueRetry = TimeSpan.FromMilliseconds(20);

    private static readonly Error QueueFull = new(ErrorCode.Local_QueueFull, "too many records are waiting for the brokers");

    /// <summary>
    /// Sends and waits, no longer than the delivery timeout. Sending stops at the first event that finds the queue full until
    /// then: those after it would overtake it.
    /// </summary>
    /// <returns>The outcome of each event, in their order.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: what was sent until then may or may
    /// not be acknowledged.</exception>
    public async Task<DeliveryOutcome[]> DeliverAsync(
        IReadOnlyList<RequestEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            // Nothing will ever be reported.
            return [];
        }

        using var span = SendSpan.Start(kafka.Value.Topic, events.Count);
        var batch = new DeliveryBatch(events.Count, metrics, time);
        using var deadline = new CancellationTokenSource(options.Value.DeliveryTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await SendAsync(events, batch, ending.Token);
            await batch.Reported.WaitAsync(ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The deadline: what is not acknowledged by now counts as not acknowledged.
        }
        catch (OperationCanceledException)
        {
            span?.SetStatus(ActivityStatusCode.Error, "The client went away before the brokers had acknowledged.");
            throw;
        }

        var outcomes = batch.Outcomes();
        SendSpan.Set(span, outcomes);
        return outcomes;
    }

    private async Task SendAsync(IReadOnlyList<RequestEvent> events, DeliveryBatch batch, CancellationToken cancellationToken)
    {
        var headers = HeadersOfRequest();
        for (var i = 0; i < events.Count; i++)
        {
            var key = router.Route(events[i].Source);
            var message = new Message<string, byte[]> { Key = key.Key, Value = events[i].Value };
            if (headers is not null)
            {
                message.Headers = headers;
            }

            try
            {
                while (!TrySend(key.Partition, message, batch, i))
                {
                    await Task.Delay(QueueRetry, time, cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                for (var left = i; left < events.Count; left++)
                {
                    batch.Fail(left, events[left].Source, QueueFull);
                }

                throw;
            }
        }
    }

    /// <summary>Sends to the partition of the mapping. The client would go by the partitions that the topic has, and with it the
    /// order of every key would break while it runs, when somebody adds partitions.</summary>
    /// <returns>False when the queue is full.</returns>
    private bool TrySend(int partition, Message<string, byte[]> message, DeliveryBatch batch, int index)
    {
        try
        {
            producer.Produce(new TopicPartition(kafka.Value.Topic, partition), message, batch.ReportOf(index));
        }
        catch (ProduceException<string, byte[]> e)
        {
            if (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                return false;
            }

            batch.Fail(index, message.Key, e.Error);
        }

        return true;
    }

    private Headers? HeadersOfRequest()
    {
        if (!brokers.SupportsHeaders)
        {
            return null;
        }

        var headers = new Headers { { "content-type", "application/json"u8.ToArray() } };
        TraceHeader.Add(headers, Activity.Current);
        return headers;
    }
}
