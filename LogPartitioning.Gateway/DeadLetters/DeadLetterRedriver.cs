using System.Text;
using Confluent.Kafka;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Requests;
using Npgsql;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>
/// Sends dead letters through again, each at most once. The order is what keeps the promise: the intention is on record
/// before the record is sent, and is taken back only where it is certain that the brokers do not have it. What happens in
/// between, and cannot be told from outside, ends as <see cref="DeadLetterRedriveStatus.Unknown"/>.
/// </summary>
/// <remarks>
/// Brokers without idempotence (before 0.11) leave one gap: a leader that steps down may have written a record and still
/// refuse the request as no longer the leader, and the client then repeats it whatever its number of retries. Such a record
/// is there twice, and its event is stored once by its id.
/// </remarks>
internal sealed partial class DeadLetterRedriver
{
    /// <summary>The most dead letters that one call takes.</summary>
    public const int MaxItems = 100;

    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(10);
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly DeadLetterReader _reader;
    private readonly DeadLetterRedriveLedger _ledger;
    private readonly RenewableProducer<byte[]?, byte[]?> _producer;
    private readonly BrokerCapabilities _brokers;
    private readonly string _topic;
    private readonly int _partitions;
    private readonly ILogger<DeadLetterRedriver> _logger;
    // What a request holds of the letters is bounded, and so is how many hold some.
    private readonly BoundedTurns _turns = new("As many dead letters are sent again as may be. Try again soon.", atOnce: 2, waiting: 8, TimeSpan.FromSeconds(15));

    /// <summary>Sends to <paramref name="topic"/>, the topic of the events.</summary>
    /// <param name="reader">Finds the dead letters.</param>
    /// <param name="ledger">What was sent before.</param>
    /// <param name="producer">Set up by <see cref="Configure"/>.</param>
    /// <param name="brokers">What the brokers can do, as <see cref="Configure"/> was told.</param>
    /// <param name="topic">The topic of the events; dead letters of other topics are refused.</param>
    /// <param name="partitions">How many partitions the producer writes to.</param>
    /// <param name="logger">Says what was sent, and of what it is not known.</param>
    public DeadLetterRedriver(
        DeadLetterReader reader,
        DeadLetterRedriveLedger ledger,
        RenewableProducer<byte[]?, byte[]?> producer,
        BrokerCapabilities brokers,
        string topic,
        int partitions,
        ILogger<DeadLetterRedriver> logger)
    {
        _reader = reader;
        _ledger = ledger;
        _producer = producer;
        _brokers = brokers;
        _topic = topic;
        _partitions = partitions;
        _logger = logger;
    }

    /// <summary>Sets a producer so that a record it sends is written at most once, as far as the brokers make that possible.</summary>
    public static void Configure(ProducerConfig config, BrokerCapabilities brokers)
    {
        brokers.Apply(config);
        config.LingerMs = 0;
        config.MessageTimeoutMs = 15_000;
        // The brokers, not the client, decide what is too large: what was read from them may go back.
        config.MessageMaxBytes = 32 * 1024 * 1024;
        if (!brokers.SupportsIdempotence)
        {
            // Without idempotence a retry after a lost answer writes a second time.
            config.MessageSendMaxRetries = 0;
        }
    }

    /// <summary>Sends <paramref name="items"/>, one after the other in their order.</summary>
    /// <param name="items">At most <see cref="MaxItems"/>. One that is named twice is sent once.</param>
    /// <param name="topicId">The topic as it is now: what an item means that names none. Null where the brokers have no such ids.</param>
    /// <param name="cancellationToken">Ends the search. A record that is on its way is seen to its end regardless.</param>
    /// <returns>An outcome for each item, in the same order.</returns>
    /// <exception cref="KafkaException">The brokers do not answer; nothing was sent.</exception>
    /// <exception cref="TimeoutException">The dead letter topic could not be read in time; nothing was sent.</exception>
    /// <exception cref="NpgsqlException">The ledger cannot be read; nothing was sent.</exception>
    /// <exception cref="BusyException">Too many send already; nothing was sent.</exception>
    public async Task<IReadOnlyList<DeadLetterRedriveOutcome>> ReplayAsync(
        IReadOnlyList<DeadLetterRedrive> items, string? topicId, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(items.Count, MaxItems);
        using var turn = await _turns.TakeAsync(1, cancellationToken).ConfigureAwait(false);
        items = [.. items.Select(i => i.Origin.TopicId.Length > 0 ? i : i with { Origin = i.Origin with { TopicId = topicId ?? "" } })];
        var origins = items.Select(i => i.Origin).Where(o => o.Topic == _topic).ToHashSet();
        var onRecord = await _ledger.ReadAsync(origins, cancellationToken).ConfigureAwait(false);
        var letters = await _reader.FindAsync([.. origins.Where(o => !onRecord.ContainsKey(o))], since: null, cancellationToken)
            .ConfigureAwait(false);
        var outcomes = new List<DeadLetterRedriveOutcome>(items.Count);
        foreach (var item in items)
        {
            if (letters.TryGetValue(item.Origin, out var letter) && letter is null)
            {
                outcomes.Add(Failed(item, $"the dead letters of one request are at most {DeadLetterReader.MaxFoundBytes / 1024 / 1024} MiB together; send it in another one"));
                continue;
            }
            outcomes.Add(await ReplayAsync(item, onRecord.GetValueOrDefault(item.Origin), letter, topicId, cancellationToken).ConfigureAwait(false));
        }
        return outcomes;
    }

    /// <summary>Sends one letter that was read already, its own bytes. What <see cref="ReplayAsync(IReadOnlyList{DeadLetterRedrive}, string?, CancellationToken)"/> promises holds for it.</summary>
    /// <param name="origin">Its origin, with the topic's id.</param>
    /// <param name="letter">The letter; null gives <see cref="DeadLetterRedriveStatus.NotFound"/>.</param>
    /// <param name="onRecord">What the ledger says of it.</param>
    /// <param name="topicId">The topic as it is now.</param>
    /// <param name="cancellationToken">Ends the search for the bytes of a large one. A record that is on its way is seen to its end regardless.</param>
    public Task<DeadLetterRedriveOutcome> SendAsync(
        DeadLetterOrigin origin, DeadLetter? letter, DeadLetterRedriveEntry? onRecord, string? topicId, CancellationToken cancellationToken) =>
        ReplayAsync(new DeadLetterRedrive(origin, null), onRecord, letter, topicId, cancellationToken);

    /// <summary>Whether there are bytes to send of a letter: its own, or those of a large record that the brokers still have.</summary>
    /// <param name="origin">Its origin, with the topic's id.</param>
    /// <param name="letter">The letter.</param>
    /// <param name="topicId">The topic as it is now.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers did not give the record in time.</exception>
    /// <exception cref="BusyException">Too many search already.</exception>
    public async Task<bool> HasBytesAsync(DeadLetterOrigin origin, DeadLetter letter, string? topicId, CancellationToken cancellationToken) =>
        letter.Value is not null
        || (origin.TopicId == (topicId ?? "") && await FetchAsync(letter, origin, cancellationToken).ConfigureAwait(false) is { Value: not null });

    private async Task<DeadLetterRedriveOutcome> ReplayAsync(
        DeadLetterRedrive item, DeadLetterRedriveEntry? onRecord, DeadLetter? letter, string? topicId, CancellationToken cancellationToken)
    {
        if (onRecord is null && item.Origin.Topic == _topic && letter is { Value: null } && item.Corrected is null)
        {
            try
            {
                // Of a topic that is no more, another record is at that place now.
                letter = item.Origin.TopicId == (topicId ?? "") ? await FetchAsync(letter, item.Origin, cancellationToken).ConfigureAwait(false) : letter;
            }
            catch (Exception error) when (error is KafkaException or TimeoutException or BusyException)
            {
                // Those before it may have been sent, and their outcomes must be told.
                LogNotRead(error, item.Origin);
                return Failed(item, $"its record could not be read: {(error is KafkaException kafka ? BrokerFailure.InWords(kafka.Error) : error is BusyException ? "others are being read" : "the brokers do not answer in time")}");
            }
        }
        return await ReplayAsync(item, onRecord, letter).ConfigureAwait(false);
    }

    private async Task<DeadLetter> FetchAsync(DeadLetter letter, DeadLetterOrigin origin, CancellationToken cancellationToken) =>
        await _reader.ReadOriginAsync(origin, cancellationToken).ConfigureAwait(false) is { } message
            ? letter with { Key = message.Key, Value = message.Value }
            : letter;

    private async Task<DeadLetterRedriveOutcome> ReplayAsync(DeadLetterRedrive item, DeadLetterRedriveEntry? onRecord, DeadLetter? letter)
    {
        if (item.Origin.Topic != _topic)
        {
            return Failed(item, $"only dead letters of the topic {_topic} can be replayed");
        }
        if (onRecord is not null)
        {
            return Known(item, onRecord);
        }
        if (letter is null)
        {
            return new DeadLetterRedriveOutcome(item.Origin, DeadLetterRedriveStatus.NotFound, Reason: "no dead letter has this origin");
        }
        if (item.Corrected is null && letter.Value is null)
        {
            return Failed(item, "there are no bytes to send: the record had none, or they were too large for the dead letter "
                + "and the brokers no longer have them; send a corrected event in its place");
        }
        // From here to the end on a clock of its own: whoever hangs up must not leave a record of which nothing is known.
        using var timeout = new CancellationTokenSource(RecordTimeout);
        try
        {
            if (!await _ledger.TryBeginAsync(item.Origin, timeout.Token).ConfigureAwait(false))
            {
                var now = await _ledger.ReadAsync([item.Origin], timeout.Token).ConfigureAwait(false);
                return now.TryGetValue(item.Origin, out var entry)
                    ? Known(item, entry)
                    : Failed(item, "another request tried at the same time and could not send it");
            }
        }
        catch (PostgresException error) when (error.InvariantSeverity == "ERROR")
        {
            // The database's own answer to the statement: it left nothing behind.
            LogNotBegun(error, item.Origin);
            return Failed(item, $"the intention could not be put on record: {LogStoreFailure.InWords(error)}");
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            // The row may or may not be there. Without it nothing may be sent; with it, no later request will send either.
            LogNotBegun(error, item.Origin);
            return Unknown(item, $"not sent: the database did not say whether the intention is on record: {LogStoreFailure.InWords(error)}");
        }
        return await SendAsync(item, letter).ConfigureAwait(false);
    }

    private async Task<DeadLetterRedriveOutcome> SendAsync(DeadLetterRedrive item, DeadLetter letter)
    {
        var message = item.Corrected is { } corrected
            ? new Message<byte[]?, byte[]?> { Key = KeyOf(corrected, letter.Key), Value = LogEventJson.Serialize(corrected) }
            : new Message<byte[]?, byte[]?> { Key = letter.Key, Value = letter.Value };
        if (_brokers.SupportsHeaders)
        {
            // Of the event's first sending, or what somebody has corrected: no timestamp that this sending has made.
            SentTimestamp.Add(message.Headers = []);
        }
        var producer = _producer.Current;
        DeliveryResult<byte[]?, byte[]?> delivered;
        try
        {
            // Where the producer would send it. Nothing decides the partition of a record without a key; the one it was in is as good as any.
            var partition = message.Key is { } key ? KeyPartitioner.PartitionOf(key, _partitions) : item.Origin.Partition;
            delivered = await producer.ProduceAsync(new TopicPartition(_topic, partition), message).ConfigureAwait(false);
        }
        catch (ProduceException<byte[]?, byte[]?> error) when (IsCertainlyUnwritten(error))
        {
            LogRefused(item.Origin, error.Error.Reason);
            return await WithdrawAsync(item.Origin).ConfigureAwait(false)
                ? Failed(item, BrokerFailure.InWords(error.Error))
                : Unknown(item, $"not sent ({BrokerFailure.InWords(error.Error)}), but the database did not say whether that is on record");
        }
        catch (ProduceException<byte[]?, byte[]?> error)
        {
            LogUnknown(item.Origin, error.Error.Reason);
            return Unknown(item, $"the brokers did not say whether they have it: {BrokerFailure.InWords(error.Error)}");
        }
        using var timeout = new CancellationTokenSource(RecordTimeout);
        try
        {
            await _ledger.CompleteAsync(item.Origin, delivered.Partition.Value, delivered.Offset.Value, timeout.Token)
                .ConfigureAwait(false);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            // The intention stands, so it will not be sent again; only where it went is missing from the ledger.
            LogNotCompleted(error, item.Origin, delivered.Partition.Value, delivered.Offset.Value);
        }
        LogReplayed(item.Origin, delivered.Partition.Value, delivered.Offset.Value);
        return new DeadLetterRedriveOutcome(
            item.Origin, DeadLetterRedriveStatus.Replayed, delivered.Partition.Value, delivered.Offset.Value);
    }

    private bool IsCertainlyUnwritten(ProduceException<byte[]?, byte[]?> error) => _brokers.SupportsIdempotence
        ? error.DeliveryResult?.Status is null or PersistenceStatus.NotPersisted
        // The client takes a request that a leader refused for not written, though one that stepped down may have written
        // it. That leaves what the client refuses itself, before it sends anything, and a size that no leader takes.
        : error.Error.Code is ErrorCode.Local_QueueFull or ErrorCode.MsgSizeTooLarge or ErrorCode.Local_InvalidArg
            or ErrorCode.Local_UnknownTopic or ErrorCode.Local_UnknownPartition;

    /// <summary>Takes the intention back; false when it may still stand.</summary>
    private async Task<bool> WithdrawAsync(DeadLetterOrigin origin)
    {
        using var timeout = new CancellationTokenSource(RecordTimeout);
        try
        {
            await _ledger.WithdrawAsync(origin, timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException)
        {
            LogNotWithdrawn(error, origin);
            return false;
        }
    }

    /// <summary>
    /// The key of a corrected event: the dead letter's own where it is the event's source or a split of it, so that the
    /// event stays on its partition; else the source.
    /// </summary>
    internal static byte[] KeyOf(LogEvent corrected, byte[]? original)
    {
        var source = Encoding.UTF8.GetBytes(corrected.Source);
        if (original is null)
        {
            return source;
        }
        try
        {
            return SourceSplits.IsKeyOf(StrictUtf8.GetString(original), corrected.Source) ? original : source;
        }
        catch (DecoderFallbackException)
        {
            return source;
        }
    }

    private static DeadLetterRedriveOutcome Known(DeadLetterRedrive item, DeadLetterRedriveEntry entry) => entry.Sent
        ? new DeadLetterRedriveOutcome(item.Origin, DeadLetterRedriveStatus.AlreadyReplayed, entry.Partition, entry.Offset)
        : Unknown(item, $"it was about to be sent at {entry.At.UtcDateTime:O}; whether the brokers have it was never put on record");

    private static DeadLetterRedriveOutcome Unknown(DeadLetterRedrive item, string reason) =>
        new(item.Origin, DeadLetterRedriveStatus.Unknown, Reason: reason);

    private static DeadLetterRedriveOutcome Failed(DeadLetterRedrive item, string reason) =>
        new(item.Origin, DeadLetterRedriveStatus.Failed, Reason: reason);

    [LoggerMessage(4100, LogLevel.Information, "Dead letter {Origin} replayed to partition {Partition}, offset {Offset}.")]
    private partial void LogReplayed(DeadLetterOrigin origin, int partition, long offset);

    [LoggerMessage(4105, LogLevel.Warning, "Dead letter {Origin} was not sent: its record could not be read.")]
    private partial void LogNotRead(Exception error, DeadLetterOrigin origin);

    [LoggerMessage(4106, LogLevel.Warning, "Dead letter {Origin} was not sent: {Reason}")]
    private partial void LogRefused(DeadLetterOrigin origin, string reason);

    [LoggerMessage(4101, LogLevel.Warning, "Dead letter {Origin} was sent, but whether the brokers have it is not known: {Reason}")]
    private partial void LogUnknown(DeadLetterOrigin origin, string reason);

    [LoggerMessage(4102, LogLevel.Warning,
        "Dead letter {Origin} is at partition {Partition}, offset {Offset}, but the ledger of replays could not be told.")]
    private partial void LogNotCompleted(Exception error, DeadLetterOrigin origin, int partition, long offset);

    [LoggerMessage(4103, LogLevel.Warning, "Dead letter {Origin} was not sent, but its intention could not be taken off the ledger.")]
    private partial void LogNotWithdrawn(Exception error, DeadLetterOrigin origin);

    [LoggerMessage(4104, LogLevel.Warning, "Dead letter {Origin} was not sent: whether its intention is on the ledger is not known.")]
    private partial void LogNotBegun(Exception error, DeadLetterOrigin origin);
}
