using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// Reads a group's offsets through the admin client: calls that brokers from 0.9 on answer, and that need no membership of the group.
/// </summary>
/// <remarks>
/// The readings of one call are not one snapshot. Commits are read before end offsets, so that what is consumed between the
/// two shows as lag, never as a negative one.
/// </remarks>
public sealed class GroupOffsetsReader(IAdminClient admin, string group, string topic, TimeSpan timeout, TimeProvider time)
    : IGroupOffsetsSource
{
    private bool _topicSeen;

    /// <inheritdoc />
    public string Group => group;

    /// <inheritdoc />
    public string Topic => topic;

    /// <inheritdoc />
    public async Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (metadata, brokers) = await Task.Run(ReadTopic, cancellationToken).WaitAsync(cancellationToken);
            var all = metadata.Partitions.Select(partition => new TopicPartition(topic, partition.PartitionId)).ToList();

            var committedTask = CommittedAsync(all);
            var groupTask = DescribeAsync();
            await Task.WhenAll(committedTask, groupTask).WaitAsync(cancellationToken);
            var beginningTask = OffsetsAsync(all, OffsetSpec.Earliest());
            var endTask = OffsetsAsync(all, OffsetSpec.Latest());
            await Task.WhenAll(beginningTask, endTask).WaitAsync(cancellationToken);

            var (state, members) = await groupTask;
            return Combine(time.GetUtcNow(), metadata, brokers, await committedTask, await beginningTask, await endTask, state, members);
        }
        catch (KafkaException e)
        {
            throw new GroupOffsetsException($"The offsets of group {group} on topic {topic} cannot be read: {e.Error.Reason}", e);
        }
    }

    internal static GroupOffsets Combine(
        DateTimeOffset at,
        TopicMetadata metadata,
        IReadOnlySet<int> brokers,
        Dictionary<int, long> committed,
        Dictionary<int, long> beginning,
        Dictionary<int, long> end,
        string state,
        IReadOnlyList<GroupMember> members)
    {
        var owners = new Dictionary<int, string>();
        foreach (var member in members)
        {
            foreach (var partition in member.Partitions)
            {
                owners[partition] = member.ClientId;
            }
        }

        var partitions = metadata.Partitions
            .OrderBy(entry => entry.PartitionId)
            .Select(entry => new PartitionOffsets(
                entry.PartitionId,
                beginning[entry.PartitionId],
                end[entry.PartitionId],
                committed.TryGetValue(entry.PartitionId, out var offset) ? offset : null,
                owners.GetValueOrDefault(entry.PartitionId),
                entry.Replicas.Length,
                // Old brokers strike a dead one from the list up to a minute late.
                entry.InSyncReplicas.Count(brokers.Contains)));
        return new(at, state, members, [.. partitions]);
    }

    private (TopicMetadata Topic, HashSet<int> Brokers) ReadTopic()
    {
        // Asking an old broker for a topic by name creates it, with the broker's numbers: ask for all until it is there.
        var metadata = _topicSeen ? admin.GetMetadata(topic, timeout) : admin.GetMetadata(timeout);
        var found = metadata.Topics.Find(entry => entry.Topic == topic)
            ?? throw new GroupOffsetsException($"Topic {topic} does not exist");
        if (found.Error.IsError || found.Partitions.Count == 0)
        {
            throw new GroupOffsetsException($"Topic {topic} cannot be read: {(found.Error.IsError ? found.Error.Reason : "it has no partitions")}");
        }

        _topicSeen = true;
        return (found, [.. metadata.Brokers.Select(broker => broker.BrokerId)]);
    }

    private async Task<Dictionary<int, long>> CommittedAsync(List<TopicPartition> partitions)
    {
        var results = await admin.ListConsumerGroupOffsetsAsync(
            [new ConsumerGroupTopicPartitions(group, partitions)],
            new() { RequestTimeout = timeout });
        var committed = new Dictionary<int, long>();
        foreach (var entry in results.Single().Partitions)
        {
            if (entry.Error.IsError)
            {
                throw new GroupOffsetsException($"The committed offset of {topic}/{entry.Partition.Value} cannot be read: {entry.Error.Reason}");
            }

            // A partition without a commit comes back with a special, negative offset.
            if (entry.Offset.Value >= 0)
            {
                committed[entry.Partition.Value] = entry.Offset.Value;
            }
        }

        return committed;
    }

    private async Task<Dictionary<int, long>> OffsetsAsync(List<TopicPartition> partitions, OffsetSpec spec)
    {
        var result = await admin.ListOffsetsAsync(
            partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = spec }),
            new() { RequestTimeout = timeout });
        return result.ResultInfos.ToDictionary(
            info => info.TopicPartitionOffsetError.Partition.Value,
            info => info.TopicPartitionOffsetError.Error.IsError
                ? throw new GroupOffsetsException(
                    $"The offsets of {topic}/{info.TopicPartitionOffsetError.Partition.Value} cannot be read: {info.TopicPartitionOffsetError.Error.Reason}")
                : info.TopicPartitionOffsetError.Offset.Value);
    }

    private async Task<(string State, IReadOnlyList<GroupMember> Members)> DescribeAsync()
    {
        var result = await admin.DescribeConsumerGroupsAsync([group], new() { RequestTimeout = timeout });
        var description = result.ConsumerGroupDescriptions.Single();
        if (description.Error.IsError)
        {
            throw new GroupOffsetsException($"Group {group} cannot be described: {description.Error.Reason}");
        }

        return (description.State.ToString(), MembersOf(description, topic));
    }

    internal static IReadOnlyList<GroupMember> MembersOf(ConsumerGroupDescription description, string topic) =>
        [.. (description.Members ?? [])
            .Select(member => new GroupMember(
                member.ClientId,
                [.. (member.Assignment?.TopicPartitions ?? [])
                    .Where(partition => partition.Topic == topic)
                    .Select(partition => partition.Partition.Value)
                    .Order()]))
            .OrderBy(member => member.ClientId, GroupState.NaturalOrder.Instance)];
}
