namespace LogPartitioning.Consumer;

/// <summary>
/// What an instance logs. Warning: something is off and no data is lost. Error: an operator must act.
/// Ids: 3000 life of the instance, 3100 rebalances and partitions, 3200 writing, 3300 dead letters, 3400 the client library.
/// </summary>
internal static partial class ConsumerLog
{
    [LoggerMessage(3001, LogLevel.Information, "Instance {Instance} reads {Topic} for group {Group} with {Workers} workers")]
    public static partial void InstanceStarts(this ILogger log, string instance, string topic, string group, int workers);

    [LoggerMessage(3002, LogLevel.Information, "Instance {Instance} has stopped")]
    public static partial void InstanceStopped(this ILogger log, string instance);

    [LoggerMessage(3009, LogLevel.Critical, "The service does not start. {Problem}")]
    public static partial void WrongStore(this ILogger log, string problem);

    [LoggerMessage(3003, LogLevel.Warning, "The tables cannot be used yet, so nothing is read: {Reason}. Next attempt in {Seconds:0.0} s.")]
    public static partial void WaitingForDatabase(this ILogger log, string reason, double seconds);

    [LoggerMessage(3007, LogLevel.Warning, "The topics cannot be checked yet, so nothing is read: {Reason}")]
    public static partial void WaitingForBrokers(this ILogger log, string reason);

    [LoggerMessage(3008, LogLevel.Warning, "{Difference}")]
    public static partial void TopicDiffers(this ILogger log, string difference);

    [LoggerMessage(3004, LogLevel.Critical, "The service does not start. {Problem}")]
    public static partial void WrongTopology(this ILogger log, string problem);

    [LoggerMessage(3005, LogLevel.Error, "Worker {Worker} failed and starts again in {Seconds:0.0} s")]
    public static partial void WorkerFailed(this ILogger log, Exception failure, int worker, double seconds);

    [LoggerMessage(3006, LogLevel.Warning, "Worker {Worker} could not leave the group within {Seconds:0.0} s; the group will notice when its session ends")]
    public static partial void CloseTimedOut(this ILogger log, int worker, double seconds);

    [LoggerMessage(3101, LogLevel.Information, "Assigned {Partitions}, claimed in {Ms:0} ms; {Owned} partitions owned")]
    public static partial void Assigned(this ILogger log, string partitions, double ms, int owned);

    [LoggerMessage(3102, LogLevel.Information, "Gave up {Partitions} in {Ms:0} ms after storing {Drained} events; {Owned} partitions owned")]
    public static partial void Revoked(this ILogger log, string partitions, double ms, long drained, int owned);

    [LoggerMessage(3103, LogLevel.Warning, "Lost {Partitions}: the group had given this worker up. {Dropped} records read and not stored are left to the next owner.")]
    public static partial void Lost(this ILogger log, string partitions, int dropped);

    [LoggerMessage(3104, LogLevel.Warning, "Draining did not end within {Seconds:0.0} s: {Left} records read and not stored are left to the next owner")]
    public static partial void DrainTimedOut(this ILogger log, double seconds, int left);

    [LoggerMessage(3105, LogLevel.Warning, "Partitions {Partitions} are assigned but not granted yet: {Reason}. They are claimed in the background.")]
    public static partial void ClaimFailed(this ILogger log, string partitions, string reason);

    [LoggerMessage(3106, LogLevel.Information, "Partition {Partition} is granted at offset {Offset} with epoch {Epoch}")]
    public static partial void Granted(this ILogger log, int partition, long offset, long epoch);

    [LoggerMessage(3107, LogLevel.Error, "Partition {Partition}: offsets {From} to {To} are not at the brokers any more; up to {Lost} records were deleted before they were stored")]
    public static partial void Gap(this ILogger log, int partition, long from, long to, long lost);

    [LoggerMessage(3108, LogLevel.Error, "Partition {Partition} is halted until an operator decides: {Reason}. See GET /api/consumer/halted at the gateway.")]
    public static partial void Halted(this ILogger log, int partition, string reason);

    [LoggerMessage(3109, LogLevel.Warning, "Partition {Partition} was refused, and the group does not confirm that it is ours: {Reason}")]
    public static partial void NotAMember(this ILogger log, int partition, string reason);

    [LoggerMessage(3110, LogLevel.Information, "Reading is paused: the buffer is full, with {Records} records")]
    public static partial void ReadingPaused(this ILogger log, int records);

    [LoggerMessage(3111, LogLevel.Information, "Reading is resumed: {Records} records are left in the buffer")]
    public static partial void ReadingResumed(this ILogger log, int records);

    [LoggerMessage(3112, LogLevel.Warning, "The client could not {Action} partitions yet: {Reason}")]
    public static partial void ClientRefused(this ILogger log, string action, string reason);

    [LoggerMessage(3113, LogLevel.Information, "Partition {Partition} is not read: {Reason}. POST /api/operate/resume at the gateway has it read again.")]
    public static partial void PausedByOperator(this ILogger log, int partition, string reason);

    [LoggerMessage(3201, LogLevel.Warning, "A batch of {Partitions} partitions is not written: {Reason}. Next attempt in {Seconds:0.0} s.")]
    public static partial void WriteFailed(this ILogger log, int partitions, string reason, double seconds);

    [LoggerMessage(3202, LogLevel.Error, "A batch of {Partitions} partitions is not written, and needs an operator: {Reason}. Next attempt in {Seconds:0.0} s.")]
    public static partial void WriteNeedsOperator(this ILogger log, int partitions, string reason, double seconds);

    [LoggerMessage(3203, LogLevel.Information, "The database takes batches again after {Attempts} failed attempts")]
    public static partial void StoreAnswersAgain(this ILogger log, int attempts);

    [LoggerMessage(3204, LogLevel.Warning, "Fenced from partition {Partition}: written under epoch {Epoch}, the store says {Owner} has it with epoch {StoredEpoch} at offset {NextOffset}. {Dropped} records are dropped here and read by the owner.")]
    public static partial void Fenced(this ILogger log, int partition, long epoch, string? owner, long? storedEpoch, long? nextOffset, int dropped);

    [LoggerMessage(3205, LogLevel.Warning, "Offsets are stored, but the brokers do not take the commit: {Reason}. Tried until they do.")]
    public static partial void CommitFailed(this ILogger log, string reason);

    [LoggerMessage(3206, LogLevel.Information, "The brokers take commits again")]
    public static partial void CommitsAgain(this ILogger log);

    [LoggerMessage(3301, LogLevel.Warning, "{Topic}[{Partition}]@{Offset} is a dead letter: {Reason}: {Detail}")]
    public static partial void DeadLettered(this ILogger log, string topic, int partition, long offset, string reason, string? detail);

    [LoggerMessage(3302, LogLevel.Warning, "{Count} dead letters are not acknowledged: {Reason}. Their worker waits; next attempt in {Seconds:0.0} s.")]
    public static partial void DeadLettersNotTaken(this ILogger log, int count, string reason, double seconds);

    [LoggerMessage(3401, LogLevel.Warning, "{Client}: {Reason}")]
    public static partial void ClientError(this ILogger log, string client, string reason);

    [LoggerMessage(3402, LogLevel.Debug, "{Client}: {Facility}: {Message}")]
    public static partial void ClientMessage(this ILogger log, string client, string facility, string message);

    [LoggerMessage(3403, LogLevel.Warning, "A record could not be consumed: {Reason}")]
    public static partial void ConsumeFailed(this ILogger log, string reason);

    [LoggerMessage(3405, LogLevel.Information, "Prometheus did not fetch the last counts within {Seconds:0.0} s")]
    public static partial void NotScraped(this ILogger log, double seconds);

    [LoggerMessage(3501, LogLevel.Information, "The partitions are spread unevenly over the instances: worker {Worker} of {Instance} gives its partitions back and joins the group again")]
    public static partial void HandsBack(this ILogger log, string instance, int worker);
}
