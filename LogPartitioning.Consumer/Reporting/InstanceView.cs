using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core.GroupState;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>What the instance can say about itself, put together when asked.</summary>
internal sealed class InstanceView(
    ConsumerInstance instance,
    WorkerServices services,
    IServer server,
    TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    /// <summary>The partitions that this instance owns now, ascending.</summary>
    public IReadOnlyList<OwnedPartition> Owned => [.. instance.Workers.SelectMany(w => w.Partitions).OrderBy(p => p.Partition)];

    /// <summary>The state that is published and shown.</summary>
    /// <param name="eventsPerSecond">The present rate.</param>
    public InstanceState Describe(double eventsPerSecond) => new()
    {
        Instance = services.Options.Instance,
        Group = services.Kafka.Group,
        Topic = services.Kafka.Topic,
        Url = Url(),
        StartedAt = _startedAt,
        At = time.GetUtcNow(),
        Workers = [.. instance.Workers.Select(w => w.Describe())],
        Partitions = [.. instance.Workers.SelectMany(w => w.Progress()).OrderBy(p => p.Partition)],
        ProcessedByPartition = new SortedDictionary<int, long>(services.Metrics.ProcessedByPartition.ToDictionary()),
        EventsPerSecond = Math.Round(eventsPerSecond, 1),
        LastRebalance = services.Rebalances.Recent.Count > 0 ? services.Rebalances.Recent[0] : null,
        Stores = services.Stores.Current,
        Fenced = services.Metrics.FencedTotal,
        DeadLettered = services.Metrics.DeadLetteredTotal,
    };

    private Uri? Url() =>
        server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
        && Uri.TryCreate(address, UriKind.Absolute, out var url) ? url : null;
}
