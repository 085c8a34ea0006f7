using Confluent.Kafka;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Whether a log is the one that was stored, where the brokers have no ids for topics: the last event that was stored of a
/// partition has to be at its place in the log still. Retention may have taken it away; then nothing speaks against the log.
/// </summary>
internal sealed class LogProof(ClientConfig client, NpgsqlDataSource database, KafkaOptions kafka, BrokerCapabilities brokers)
{
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(3);

    /// <summary>The claims, with a halt for each whose position is of another log.</summary>
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    public async Task<IReadOnlyList<PartitionClaim>> CheckAsync(IReadOnlyList<PartitionClaim> claims, CancellationToken cancellationToken)
    {
        if (brokers.SupportsTopicIds || claims.All(c => c.NextOffset == 0 || c.Halt is not null))
        {
            return claims;
        }
        var stored = await LastStoredAsync(claims, cancellationToken);
        using var topic = new TopicBoundsReader(client);
        var bounds = await topic.ReadAsync(kafka.Topic, cancellationToken);
        var held = stored.Where(p => bounds.TryGetValue(p.Key, out var b) && p.Value.Offset >= b.Low && p.Value.Offset < b.High);
        var found = await Task.Run(() => Read([.. held.Select(p => new OffsetRange(p.Key, p.Value.Offset, p.Value.Offset + 1))], cancellationToken), cancellationToken);
        return [.. claims.Select(claim => stored.TryGetValue(claim.Partition, out var last) && found.TryGetValue(claim.Partition, out var id) && id != last.Id
            ? claim with { Halt = Replaced(last.Offset, last.Id) }
            : claim)];
    }

    private static PartitionHalt Replaced(long offset, Guid id) => new(
        HaltCause.LogReplaced, FormattableString.Invariant($"event {id} was stored from offset {offset}, and another record is there now: the topic was created again"));

    private async Task<Dictionary<int, (long Offset, Guid Id)>> LastStoredAsync(IReadOnlyList<PartitionClaim> claims, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            SELECT partition, last_offset, last_id FROM consumer_offsets
            WHERE group_id = $1 AND topic = $2 AND partition = ANY($3) AND last_id IS NOT NULL
            """);
        command.Parameters.Add(new() { Value = kafka.Group });
        command.Parameters.Add(new() { Value = kafka.Topic });
        command.Parameters.Add(new() { Value = claims.Select(c => c.Partition).ToArray() });
        var stored = new Dictionary<int, (long, Guid)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            stored.Add(reader.GetInt32(0), (reader.GetInt64(1), reader.GetGuid(2)));
        }
        return stored;
    }

    /// <summary>The events that are at these places; null for a record that is none.</summary>
    private Dictionary<int, Guid?> Read(IReadOnlyList<OffsetRange> places, CancellationToken cancellationToken)
    {
        var found = new Dictionary<int, Guid?>();
        using var reader = new RecordRangeReader(client, kafka.Topic, places);
        while (!reader.Completed)
        {
            var read = reader.Read(places.Count, long.MaxValue, ReadTime, cancellationToken);
            if (read.Count == 0 && !reader.Completed)
            {
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "the brokers did not give the records that were stored last"));
            }
            foreach (var record in read)
            {
                found[record.Partition.Value] = LogEventJson.TryParseRecord(record.Message.Value ?? [], out var logEvent, out _) ? logEvent.Id : null;
            }
        }
        return found;
    }
}
