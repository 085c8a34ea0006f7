using System.Diagnostics.CodeAnalysis;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// Reads a group's offsets without being a member of it, by calls that brokers from 0.9 on answer.
/// </summary>
/// <remarks>
/// <para>The readings of one call are not one snapshot. Commits are read before end offsets, so that what is consumed between
/// the two shows as lag, never as a negative one.</para>
/// <para>The admin client's calls to the group's coordinator (ListConsumerGroupOffsets, DescribeConsumerGroups) would be
/// shorter. In librdkafka up to 2.16 they can abort the whole process when the coordinator goes away while one is under way
/// (assertion <c>eonce-&gt;refcnt &gt; 0</c>), which is just when the offsets are wanted most. A consumer that never
/// subscribes reads the commits, and the older group listing reads the members. Ends and beginnings come from the
/// partitions' leaders: one request to each for all of its partitions, where the brokers know such a request.</para>
/// </remarks>
public sealed class GroupOffsetsReader : IGroupOffsetsSource, IDisposable
{
    private readonly ClientConfig _config;
    private readonly BrokerCapabilities _brokers;
    private readonly Action<LogMessage> _log;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private IConsumer<Ignore, Ignore> _client;
    private IAdminClient _admin;
    private bool _isDisposed;
    private bool _topicSeen;
    private (string State, IReadOnlyList<GroupMember> Members) _group = ("Unknown", []);

    /// <param name="client">How the brokers are reached. The group id and what keeps the client passive are set here.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="timeout">How long one request may take.</param>
    /// <param name="time">The clock that readings are stamped with.</param>
    /// <param name="log">Takes the client's log messages.</param>
    /// <param name="brokers">What the brokers can do.</param>
    public GroupOffsetsReader(
        ClientConfig client, string group, string topic, TimeSpan timeout, TimeProvider time, Action<LogMessage> log, BrokerCapabilities brokers)
    {
        Group = group;
        Topic = topic;
        _timeout = timeout;
        _time = time;
        _log = log;
        _config = client;
        _brokers = brokers;
        Connect();
    }

    /// <summary>A reader for the group of a service.</summary>
    public static GroupOffsetsReader Of(KafkaClients clients, string clientId, KafkaOptions kafka, TimeSpan timeout, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(clients);
        ArgumentNullException.ThrowIfNull(kafka);
        var config = clients.Configure<ClientConfig>(clientId, config => config.SocketTimeoutMs ??= 10_000);
        return new(config, kafka.Group, kafka.Topic, timeout, time, message => clients.Write(clientId, message), clients.Brokers);
    }

    /// <inheritdoc />
    public string Group { get; }

    /// <inheritdoc />
    public string Topic { get; }

    /// <inheritdoc />
    public Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken) =>
        // The client offers these calls only as blocking ones.
        Task.Run(Read, cancellationToken).WaitAsync(cancellationToken);

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_reading)
        {
            _isDisposed = true;
            _admin.Dispose();
            _client.Dispose();
        }
    }

    [MemberNotNull(nameof(_client), nameof(_admin))]
    private void Connect()
    {
        var client = KafkaClients.Reader<Ignore, Ignore>(_config, own => own.GroupId = Group, _log);
        _admin = new DependentAdminClientBuilder(client.Handle).Build();
        _client = client;
    }

    private void Reconnect()
    {
        var (client, admin) = (_client, _admin);
        try
        {
            Connect();
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException)
        {
            throw Unreadable("the client cannot be made", e);
        }
        admin.Dispose();
        client.Dispose();
    }

    private GroupOffsets Read()
    {
        // A reading that was given up may still be under way.
        lock (_reading)
        {
            if (_isDisposed)
            {
                throw Unreadable("the reader is closed");
            }
            try
            {
                var (metadata, brokers) = ReadTopic();
                var all = metadata.Partitions.Select(partition => new TopicPartition(Topic, partition.PartitionId)).ToList();
                var (state, members) = Describe();
                var committed = Committed(all);
                var topicId = TopicId.ReadAsync(_admin, Topic, _brokers, _timeout, CancellationToken.None).GetAwaiter().GetResult();
                return Combine(_time.GetUtcNow(), metadata, brokers, committed, Bounds(all), state, members) with { TopicId = topicId };
            }
            catch (TopicPartitionOffsetException e)
            {
                // A client that is no member of the group looks for the coordinator once. When another broker becomes it, old
                // brokers say so for each partition, and the client does not look again: begin with one that knows nothing.
                Reconnect();
                throw Unreadable(string.Join("; ", e.Results.Where(result => result.Error.IsError).Select(result => BrokerFailure.InWords(result.Error)).Distinct()), e);
            }
            catch (KafkaException e)
            {
                throw Unreadable(BrokerFailure.InWords(e.Error), e);
            }
        }
    }

    private GroupOffsetsException Unreadable(string reason, Exception? cause = null) =>
        new($"The offsets of group {Group} on topic {Topic} cannot be read: {reason}", cause);

    internal static GroupOffsets Combine(
        DateTimeOffset at,
        TopicMetadata metadata,
        IReadOnlySet<int> brokers,
        Dictionary<int, long> committed,
        IReadOnlyDictionary<int, PartitionEnds> bounds,
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
                bounds[entry.PartitionId].Beginning,
                bounds[entry.PartitionId].End,
                committed.TryGetValue(entry.PartitionId, out var offset) ? offset : null,
                owners.GetValueOrDefault(entry.PartitionId),
                entry.Replicas.Length,
                // Old brokers strike a dead one from the list up to a minute late.
                entry.InSyncReplicas.Count(brokers.Contains))
            {
                StableEnd = bounds[entry.PartitionId].StableEnd,
            });
        return new(at, state, members, [.. partitions]);
    }

    private (TopicMetadata Topic, HashSet<int> Brokers) ReadTopic()
    {
        // Asking an old broker for a topic by name creates it, with the broker's numbers: ask for all until it is there.
        var metadata = _topicSeen ? _admin.GetMetadata(Topic, _timeout) : _admin.GetMetadata(_timeout);
        var found = metadata.Topics.Find(entry => entry.Topic == Topic)
            ?? throw new GroupOffsetsException($"Topic {Topic} does not exist");
        if (found.Error.IsError || found.Partitions.Count == 0)
        {
            throw new GroupOffsetsException($"Topic {Topic} cannot be read: {(found.Error.IsError ? BrokerFailure.InWords(found.Error) : "it has no partitions")}");
        }

        _topicSeen = true;
        return (found, [.. metadata.Brokers.Select(broker => broker.BrokerId)]);
    }

    private Dictionary<int, PartitionEnds> Bounds(List<TopicPartition> partitions)
    {
        if (!_brokers.SupportsListOffsets)
        {
            return partitions.ToDictionary(partition => partition.Partition.Value, partition =>
            {
                var bounds = _client.QueryWatermarkOffsets(partition, _timeout);
                return new PartitionEnds(bounds.Low.Value, bounds.High.Value, null);
            });
        }

        var beginnings = OffsetsAsync(partitions, OffsetSpec.Earliest(), IsolationLevel.ReadUncommitted);
        // The stable end first: what ends in between then shows as held back for one reading, never as read too far.
        var stable = OffsetsAsync(partitions, OffsetSpec.Latest(), IsolationLevel.ReadCommitted).GetAwaiter().GetResult();
        var ends = OffsetsAsync(partitions, OffsetSpec.Latest(), IsolationLevel.ReadUncommitted).GetAwaiter().GetResult();
        var first = beginnings.GetAwaiter().GetResult();
        return ends.ToDictionary(end => end.Key, end => new PartitionEnds(first[end.Key], end.Value, stable[end.Key]));
    }

    private async Task<Dictionary<int, long>> OffsetsAsync(List<TopicPartition> partitions, OffsetSpec which, IsolationLevel isolation)
    {
        try
        {
            var listed = await _admin.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }),
                new ListOffsetsOptions { RequestTimeout = _timeout, IsolationLevel = isolation }).ConfigureAwait(false);
            return listed.ResultInfos.ToDictionary(info => info.TopicPartitionOffsetError.Partition.Value, info => info.TopicPartitionOffsetError.Offset.Value);
        }
        catch (ListOffsetsException e)
        {
            throw new KafkaException(e.Result.ResultInfos.Select(info => info.TopicPartitionOffsetError.Error).FirstOrDefault(error => error.IsError) ?? e.Error, e);
        }
    }

    private Dictionary<int, long> Committed(List<TopicPartition> partitions) =>
        // A partition without a commit comes back with a special, negative offset.
        _client.Committed(partitions, _timeout)
            .Where(entry => entry.Offset.Value >= 0)
            .ToDictionary(entry => entry.Partition.Value, entry => entry.Offset.Value);

    /// <summary>
    /// The listing asks every broker. While one of them is away it fails, and the members last seen stand in.
    /// </summary>
    private (string State, IReadOnlyList<GroupMember> Members) Describe()
    {
        try
        {
            var listed = _admin.ListGroup(Group, TimeSpan.FromTicks(_timeout.Ticks / 2));
            _group = listed is null || listed.Error.IsError
                ? ("Empty", [])
                : (listed.State, [.. listed.Members
                    .Select(member => new GroupMember(GroupState.WorkerClientId.ToName(member.ClientId), AssignedPartitions.Parse(member.MemberAssignment, Topic)))
                    .OrderBy(member => member.ClientId, GroupState.NaturalOrder.Instance)]);
        }
        catch (KafkaException)
        {
            return ("Unknown", _group.Members);
        }

        return _group;
    }
}

/// <summary>Where a partition begins and ends.</summary>
/// <param name="Beginning">The first offset that the brokers still hold.</param>
/// <param name="End">The offset that the next record will get.</param>
/// <param name="StableEnd">Up to where records can be read; null where it was not asked for.</param>
internal readonly record struct PartitionEnds(long Beginning, long End, long? StableEnd);
