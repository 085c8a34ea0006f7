using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Delivery;

/// <summary>Sends the events of a request in their order and waits until the brokers have acknowledged them.</summary>
internal sealed class EventDelivery(
    RecordClients clients,
    QueuedRecords queued,
    SourceRouter router,
    BrokerCapabilities brokers,
    IOptions<KafkaOptions> kafka,
    IOptions<ProducerOptions> options,
    ProducerMetrics metrics,
    TimeProvider time)
{
    /// <summary>A request of more events is one of many.</summary>
    private const int MaxSmallRequest = 16;

    /// <summary>With fewer requests at work there is nobody to wait for: an event by itself is sent at once.</summary>
    private const int ManySmallRequests = 8;

    /// <summary>As many requests of many events fill batches together that none of them fills by itself.</summary>
    private const int ManyLargeRequests = 3;

    /// <summary>How long to wait before a full queue is tried again.</summary>
    private static readonly TimeSpan QueueRetry = TimeSpan.FromMilliseconds(20);

    private static readonly Error QueueFull = new(ErrorCode.Local_QueueFull, "too many records are waiting for the brokers");

    private readonly TopicPartition[] _partitions = [.. Enumerable.Range(0, kafka.Value.Partitions).Select(partition => new TopicPartition(kafka.Value.Topic, partition))];
    private readonly RequestsAtWork _small = new(ManySmallRequests);
    private readonly RequestsAtWork _large = new(ManyLargeRequests);

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
        var batch = new DeliveryBatch(events.Count, queued, metrics, time);
        using var deadline = new CancellationTokenSource(options.Value.DeliveryTimeout, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var atWork = events.Count <= MaxSmallRequest ? _small : _large;
        var isOneOfMany = atWork.Enter();
        try
        {
            // Requests that overlap have no order among them, so it is of no matter that they go by different clients.
            var client = isOneOfMany ? clients.Lingering : clients.Current;
            await SendAsync(client, MessagesOf(events), batch, ending.Token);
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
        finally
        {
            atWork.Leave();
        }

        var outcomes = batch.Outcomes();
        SendSpan.Set(span, outcomes);
        return outcomes;
    }

    private RoutedMessage[] MessagesOf(IReadOnlyList<RequestEvent> events)
    {
        var (received, sent) = (HeadersOfRequest(), HeadersOfRequest());
        if (sent is not null)
        {
            SentTimestamp.Add(sent);
        }

        var keys = new SourceKey[events.Count];
        router.Route([.. events.Select(e => e.Source)], keys);
        var messages = new RoutedMessage[events.Count];
        for (var i = 0; i < messages.Length; i++)
        {
            messages[i] = new(keys[i].Partition, new() { Key = keys[i].Key, Value = events[i].Value });
            if ((events[i].HasOwnTimestamp ? sent : received) is { } headers)
            {
                messages[i].Message.Headers = headers;
            }
        }

        return messages;
    }

    /// <summary>
    /// Sends all and waits. Records that the brokers refuse for the size of the batch they are in are sent again, each by
    /// itself and in their order; batches are smaller from then on.
    /// </summary>
    private async Task SendAsync(IProducer<string, byte[]> client, RoutedMessage[] messages, DeliveryBatch batch, CancellationToken cancellationToken)
    {
        await SendAsync(client, messages, [.. Enumerable.Range(0, messages.Length)], batch, cancellationToken);
        await batch.Reported.WaitAsync(cancellationToken);
        if (batch.TakeRefusedTogether() is not { Count: > 0 } refused)
        {
            return;
        }

        await SendAsync(clients.Alone, messages, refused, batch, cancellationToken);
        await batch.Reported.WaitAsync(cancellationToken);
        if (refused.Any(batch.IsAcknowledged))
        {
            clients.Shrink(client);
        }
    }

    private async Task SendAsync(
        IProducer<string, byte[]> client,
        RoutedMessage[] messages,
        IReadOnlyList<int> indexes,
        DeliveryBatch batch,
        CancellationToken cancellationToken)
    {
        var alone = clients.SendsAlone(client);
        for (var i = 0; i < indexes.Count; i++)
        {
            try
            {
                while (!TrySend(client, messages[indexes[i]], batch, indexes[i], alone))
                {
                    await Task.Delay(QueueRetry, time, cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                foreach (var left in indexes.Skip(i))
                {
                    batch.Fail(left, messages[left].Key, QueueFull);
                }

                throw;
            }
        }
    }

    /// <summary>Sends to the partition of the mapping. The client would go by the partitions that the topic has, and with it the
    /// order of every key would break while it runs, when somebody adds partitions.</summary>
    /// <returns>False when the queue is full.</returns>
    private bool TrySend(IProducer<string, byte[]> client, RoutedMessage message, DeliveryBatch batch, int index, bool alone)
    {
        var bytes = message.Message.Value.Length;
        if (!queued.TryEnter(bytes))
        {
            return false;
        }

        try
        {
            client.Produce(_partitions[message.Partition], message.Message, batch.ReportOf(index, bytes, alone));
        }
        catch (Exception e)
        {
            // Of what the client did not take there is no report.
            queued.Leave(bytes);
            if (e is not ProduceException<string, byte[]> { Error: var error })
            {
                throw;
            }

            if (error.Code == ErrorCode.Local_QueueFull)
            {
                return false;
            }

            batch.Fail(index, message.Key, error);
        }

        return true;
    }

    /// <summary>How many requests of a kind are at work, and whether these are many.</summary>
    private sealed class RequestsAtWork(int many)
    {
        private int _count;

        /// <returns>Whether they are many with this one.</returns>
        public bool Enter() => Interlocked.Increment(ref _count) >= many;

        public void Leave() => Interlocked.Decrement(ref _count);
    }

    /// <summary>A record and where it goes.</summary>
    private readonly record struct RoutedMessage(int Partition, Message<string, byte[]> Message)
    {
        public string Key => Message.Key;
    }

    private Headers? HeadersOfRequest()
    {
        if (!brokers.SupportsHeaders)
        {
            return null;
        }

        // As few as there can be: without any a record costs the client a quarter less, 5.9 us instead of 8.
        var headers = new Headers();
        TraceHeader.Add(headers, Activity.Current);
        return headers;
    }
}
