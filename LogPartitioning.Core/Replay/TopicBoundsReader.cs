using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Replay;

/// <summary>Asks the brokers for the first and the next offset of every partition of a topic.</summary>
public sealed class TopicBoundsReader
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(10);
    private readonly IAdminClient _admin;

    /// <summary>Reads through <paramref name="admin"/>, which stays the caller's to dispose.</summary>
    public TopicBoundsReader(IAdminClient admin) => _admin = admin;

    /// <summary>The bounds of each partition, by partition number.</summary>
    /// <param name="topic">The topic. One that does not exist gives an empty answer.</param>
    /// <param name="cancellationToken">Gives up waiting; the request itself ends after 10 s at the latest.</param>
    /// <exception cref="KafkaException">The brokers do not answer, or refuse.</exception>
    public async Task<IReadOnlyDictionary<int, PartitionBounds>> ReadAsync(string topic, CancellationToken cancellationToken)
    {
        var partitions = await PartitionsAsync(topic, cancellationToken).ConfigureAwait(false);
        if (partitions.Count == 0)
        {
            return new Dictionary<int, PartitionBounds>();
        }
        // Low before high: retention may raise the low bound in between, and a low above the high would be an absurdity.
        var low = await ListAsync(topic, partitions, OffsetSpec.Earliest(), cancellationToken).ConfigureAwait(false);
        var high = await ListAsync(topic, partitions, OffsetSpec.Latest(), cancellationToken).ConfigureAwait(false);
        return partitions.ToDictionary(p => p, p => new PartitionBounds(low[p], high[p]));
    }

    /// <summary>
    /// For each partition, the first offset whose record is not older than <paramref name="time"/>, or the next offset
    /// where every record is older. Needs brokers that keep record timestamps (0.10.1 and later).
    /// </summary>
    /// <exception cref="KafkaException">The brokers do not answer, or keep no timestamps.</exception>
    public async Task<IReadOnlyDictionary<int, long>> OffsetsAtAsync(
        string topic, IReadOnlyCollection<int> partitions, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var found = await ListAsync(topic, partitions, OffsetSpec.ForTimestamp(time.ToUnixTimeMilliseconds()), cancellationToken)
            .ConfigureAwait(false);
        if (found.Values.All(offset => offset >= 0))
        {
            return found;
        }
        // -1 stands for "no record that young".
        var high = await ListAsync(topic, partitions, OffsetSpec.Latest(), cancellationToken).ConfigureAwait(false);
        return found.ToDictionary(p => p.Key, p => p.Value >= 0 ? p.Value : high[p.Key]);
    }

    private async Task<IReadOnlyCollection<int>> PartitionsAsync(string topic, CancellationToken cancellationToken)
    {
        // The client offers metadata only as a blocking call.
        var metadata = await Task.Run(() => _admin.GetMetadata(topic, RequestTimeout), cancellationToken)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        var described = metadata.Topics.SingleOrDefault(t => t.Topic == topic);
        if (described is null || described.Error.Code == ErrorCode.UnknownTopicOrPart)
        {
            return [];
        }
        if (described.Error.IsError && described.Error.Code != ErrorCode.LeaderNotAvailable)
        {
            throw new KafkaException(described.Error);
        }
        return [.. described.Partitions.Select(p => p.PartitionId).Order()];
    }

    private async Task<Dictionary<int, long>> ListAsync(
        string topic, IReadOnlyCollection<int> partitions, OffsetSpec spec, CancellationToken cancellationToken)
    {
        var asked = partitions.Select(p => new TopicPartitionOffsetSpec
        {
            TopicPartition = new TopicPartition(topic, p),
            OffsetSpec = spec,
        });
        var answer = await _admin.ListOffsetsAsync(asked, new ListOffsetsOptions { RequestTimeout = RequestTimeout })
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        var offsets = new Dictionary<int, long>(partitions.Count);
        foreach (var info in answer.ResultInfos)
        {
            var one = info.TopicPartitionOffsetError;
            if (one.Error.IsError)
            {
                throw new KafkaException(one.Error);
            }
            offsets[one.Partition.Value] = one.Offset.Value;
        }
        return offsets;
    }
}
