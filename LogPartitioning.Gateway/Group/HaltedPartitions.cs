using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace LogPartitioning.Gateway.Group;

/// <summary>Partitions that nobody reads until an operator decides, and the decisions.</summary>
internal sealed partial class HaltedPartitions(
    NpgsqlDataSource database, IAdminClient admin, TopicBoundsReader bounds, IOptions<KafkaOptions> kafka, BrokerCapabilities brokers, ILogger<HaltedPartitions> log)
{
    private static readonly TimeSpan TopicTimeout = TimeSpan.FromSeconds(5);

    /// <summary>What is halted now, by partition.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<IReadOnlyList<HaltedPartition>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await StoredPositions.ReadAsync(database, kafka.Value.Group, kafka.Value.Topic, cancellationToken))
            .Where(p => p.Value.Halt is not null)
            .OrderBy(p => p.Key)
            .Select(p => new HaltedPartition(
                p.Key, p.Value.Halt!.Cause, p.Value.Halt.Detail, p.Value.Halt.At, p.Value.NextOffset, p.Value.TopicId, p.Value.Log, ResumeAction.For(p.Value.Halt.Cause)))];

    /// <summary>
    /// Carries out a decision, in one statement. It raises the epochs, so that what a consumer still holds of the partitions
    /// is refused, and they are claimed anew.
    /// </summary>
    /// <param name="partitions">Which of the halted partitions; null for all that the action is for.</param>
    /// <param name="action">One of <see cref="ResumeAction"/>.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The partitions that are read again.</returns>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer or refuse.</exception>
    public async Task<IReadOnlyList<int>> ResumeAsync(IReadOnlyCollection<int>? partitions, string action, CancellationToken cancellationToken)
    {
        var (group, topic) = (kafka.Value.Group, kafka.Value.Topic);
        var topicId = await TopicId.ReadAsync(admin, topic, brokers, TopicTimeout, cancellationToken);
        var held = await bounds.ReadAsync(topic, cancellationToken);
        await using var command = database.CreateCommand($"""
            UPDATE consumer_offsets AS o SET
              {(action == ResumeAction.Beginning
                  // Of a new log all is to be read; of one that lost its end, what is before the first record that is left was stored.
                  ? "next_offset = CASE WHEN o.halted = 'log_truncated' THEN b.low ELSE 0 END, log = o.log + 1, last_offset = NULL, last_id = NULL, topic_id = $3, passing_until = 0"
                  : action == ResumeAction.SetAside ? "passing_until = b.high" : "passing_until = o.passing_until")},
              halted = NULL, halted_detail = NULL, halted_at = NULL, epoch = o.epoch + 1, updated_at = now()
            FROM unnest($4, $5, $6) AS b (partition, low, high)
            WHERE o.group_id = $1 AND o.topic = $2 AND o.partition = b.partition AND o.halted = ANY($7)
            RETURNING o.partition
            """);
        int[] which = [.. held.Keys.Where(p => partitions is null || partitions.Contains(p))];
        command.Parameters.Add(new() { Value = group });
        command.Parameters.Add(new() { Value = topic });
        command.Parameters.Add(new() { Value = (object?)topicId ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = which });
        command.Parameters.Add(new() { Value = which.Select(p => held[p].Low).ToArray() });
        command.Parameters.Add(new() { Value = which.Select(p => held[p].High).ToArray() });
        command.Parameters.Add(new() { Value = HaltCause.All.Where(cause => ResumeAction.For(cause).Contains(action)).ToArray() });
        var resumed = new List<int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            resumed.Add(reader.GetInt32(0));
        }
        resumed.Sort();
        LogResumed(string.Join(", ", resumed), action);
        return resumed;
    }

    [LoggerMessage(4030, LogLevel.Warning, "Halted partitions are read again on request: {Partitions}, by the action {Action}")]
    private partial void LogResumed(string partitions, string action);
}

/// <summary>What can be done about a halted partition.</summary>
internal static class ResumeAction
{
    /// <summary>Read the log that is there from its beginning. The rows of the old one stay.</summary>
    public const string Beginning = "beginning";

    /// <summary>Go on with the record at which it was halted: what was wrong is put right, or the pause is over.</summary>
    public const string Retry = "retry";

    /// <summary>Go on and set aside whatever is refused, up to the end that the log has now.</summary>
    public const string SetAside = "setAside";

    /// <summary>All actions.</summary>
    public static IReadOnlyList<string> All { get; } = [Beginning, Retry, SetAside];

    /// <summary>The actions for a cause.</summary>
    public static IReadOnlyList<string> For(string cause) => cause switch
    {
        HaltCause.TooManyRefused => [Retry, SetAside],
        HaltCause.Paused => [Retry],
        _ => [Beginning],
    };
}

/// <summary>A partition that is not read.</summary>
/// <param name="Partition">The partition.</param>
/// <param name="Cause"><c>log_replaced</c>, <c>log_truncated</c>, <c>too_many_refused</c> or <c>paused</c>.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Since">Since when.</param>
/// <param name="Stored">The offset of the next record to store.</param>
/// <param name="TopicId">The topic that this offset is of; null where the brokers have no such ids.</param>
/// <param name="Log">Which of the partition's logs it is of.</param>
/// <param name="Actions">What can be done: <c>beginning</c>, <c>retry</c>, <c>setAside</c>.</param>
internal sealed record HaltedPartition(
    int Partition, string Cause, string Detail, DateTimeOffset? Since, long Stored, string? TopicId, short Log, IReadOnlyList<string> Actions);

/// <summary>The partitions that are not read.</summary>
internal sealed record HaltedPartitionList(IReadOnlyList<HaltedPartition> Items);

/// <summary>The partitions that are read again.</summary>
internal sealed record ResumedPartitions(IReadOnlyList<int> Partitions);
