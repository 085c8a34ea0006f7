using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Confluent.Kafka;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Consumer.DeadLetters;

/// <summary>
/// Sends dead letters and waits for the brokers' acknowledgement. It gives up only when cancelled or when the partition is
/// no longer ours: while the brokers do not take a letter, its worker waits.
/// </summary>
/// <remarks>
/// A crash after the acknowledgement and before the database has moved on sends a letter again. Both say the same of the
/// same origin.
/// </remarks>
internal sealed class DeadLetterSink(
    RenewableProducer<byte[], byte[]> producers,
    IOptions<KafkaOptions> kafka,
    BrokerCapabilities capabilities,
    ConsumerMetrics metrics,
    TimeProvider time,
    ILogger<DeadLetterSink> log) : IDeadLetterSink
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    public async Task SendAsync(IReadOnlyList<BatchSlice> slices, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            var waiting = slices.Where(s => s.IsWritable).SelectMany(s => s.Records).Where(r => r is { Letter: not null, LetterAcknowledged: false }).ToList();
            if (waiting.Count == 0)
            {
                return;
            }
            var failures = (await Task.WhenAll(waiting.Select(r => SendAsync(r, cancellationToken)))).OfType<string>().ToList();
            if (failures.Count > 0)
            {
                var wait = backoff.Next();
                log.DeadLettersNotTaken(failures.Count, failures[0], wait.TotalSeconds);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    /// <returns>Why it was not acknowledged; null when it was.</returns>
    private async Task<string?> SendAsync(BufferedRecord record, CancellationToken cancellationToken)
    {
        var letter = record.Letter!;
        var producer = producers.Current;
        try
        {
            try
            {
                await producer.ProduceAsync(kafka.Value.DeadLetterTopic, MessageOf(letter), cancellationToken);
            }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.MsgSizeTooLarge)
            {
                await producer.ProduceAsync(kafka.Value.DeadLetterTopic, MessageOf(WithoutBytes(letter)), cancellationToken);
            }
            record.LetterAcknowledged = true;
            metrics.DeadLettered(letter.Reason);
            // Of the batch's span, if it has one.
            Activity.Current?.AddEvent(new("dead letter", tags: new() { ["partition"] = letter.Partition, ["offset"] = letter.Offset, ["reason"] = letter.Reason }));
            log.DeadLettered(letter.Topic, letter.Partition, letter.Offset, letter.Reason, letter.Detail);
            return null;
        }
        catch (KafkaException e)
        {
            return e.Error.Reason;
        }
    }

    private Message<byte[], byte[]> MessageOf(DeadLetter letter)
    {
        var message = new Message<byte[], byte[]>
        {
            // One partition of the dead letters for each partition of the log: their order is kept.
            Key = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{letter.Topic}-{letter.Partition}")),
            Value = letter.Serialize(),
        };
        if (capabilities.SupportsHeaders)
        {
            message.Headers = new Headers { { "content-type", "application/json"u8.ToArray() }, { "reason", Encoding.UTF8.GetBytes(letter.Reason) } };
        }
        return message;
    }

    /// <summary>
    /// Base64 makes bytes a third longer, and compression takes that off again, so only a record within one percent of the
    /// brokers' limit gets here. Its bytes are still where they were; the letter tells how to find and to recognise them.
    /// </summary>
    internal static DeadLetter WithoutBytes(DeadLetter letter) => letter with
    {
        Key = letter.Key is { Length: <= 1024 } ? letter.Key : null,
        Value = null,
        Detail = string.Create(
            CultureInfo.InvariantCulture,
            $"{letter.Detail}; key of {letter.Key?.Length ?? 0} and value of {letter.Value?.Length ?? 0} bytes (SHA-256 {Convert.ToHexStringLower(SHA256.HashData(letter.Value ?? []))}) are too large for an envelope and remain at the record's origin as long as the brokers keep it"),
    };
}
