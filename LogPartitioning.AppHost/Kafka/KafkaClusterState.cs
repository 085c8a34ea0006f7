using System.Collections.Immutable;
using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>Follows the states of a cluster's brokers, and gives the cluster its own from them.</summary>
/// <param name="cluster">The cluster.</param>
internal sealed class KafkaClusterState(KafkaClusterResource cluster)
{
    private readonly Dictionary<string, int> _ids = cluster.Brokers.ToDictionary(broker => broker.Resource.Name, broker => broker.Id, StringComparer.Ordinal);
    private ImmutableSortedDictionary<int, BrokerState> _brokers =
        cluster.Brokers.ToImmutableSortedDictionary(broker => broker.Id, broker => new BrokerState(broker.Resource.Name, null, false));

    /// <summary>What is known of each broker, by its id.</summary>
    public IReadOnlyDictionary<int, BrokerState> Brokers => Volatile.Read(ref _brokers);

    /// <summary>How many brokers must be healthy for writes to be accepted.</summary>
    public int MinInSyncReplicas => cluster.MinInSyncReplicas;

    /// <summary>Begins to follow, until the application stops.</summary>
    public async Task StartAsync(IServiceProvider services, ResourceNotificationService notifications)
    {
        if (_ids.Count == 0)
        {
            await PublishAsync(notifications, KnownResourceStates.Running);
            return;
        }

        await PublishAsync(notifications, KnownResourceStates.Starting);
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        _ = Task.Run(() => FollowAsync(notifications, stopping), stopping);
    }

    /// <summary>The cluster's state after its brokers changed.</summary>
    /// <param name="state">Its state so far.</param>
    /// <param name="enough">How many healthy brokers are enough: all of them the first time, later as many as writes need.</param>
    /// <param name="brokers">The brokers now.</param>
    internal static string Next(string state, int enough, IReadOnlyCollection<BrokerState> brokers) =>
        brokers.Count(broker => broker.IsHealthy) >= enough ? KnownResourceStates.Running
        : brokers.All(broker => broker.HasEnded) ? KnownResourceStates.Exited
        // A service that starts while a broker is down need not wait for it.
        : state == KnownResourceStates.Running ? KnownResourceStates.Running
        : KnownResourceStates.Starting;

    private Task FollowAsync(ResourceNotificationService notifications, CancellationToken stopping)
    {
        var state = KnownResourceStates.Starting;
        var enough = _ids.Count;
        return notifications.FollowAsync(
            async change =>
            {
                if (!_ids.TryGetValue(change.Resource.Name, out var id))
                {
                    return;
                }

                var seen = new BrokerState(change.Resource.Name, change.Snapshot.State?.Text, change.Snapshot.HealthStatus is HealthStatus.Healthy);
                Volatile.Write(ref _brokers, _brokers.SetItem(id, seen));
                var next = Next(state, enough, [.. _brokers.Values]);
                if (next != state)
                {
                    enough = next == KnownResourceStates.Running ? MinInSyncReplicas : enough;
                    state = next;
                    await PublishAsync(notifications, state);
                }
            },
            stopping);
    }

    private Task PublishAsync(ResourceNotificationService notifications, string state) =>
        notifications.PublishUpdateAsync(cluster, snapshot => snapshot with
        {
            State = state,
            StartTimeStamp = state == KnownResourceStates.Running ? snapshot.StartTimeStamp ?? DateTime.UtcNow : snapshot.StartTimeStamp,
            StopTimeStamp = state == KnownResourceStates.Exited ? DateTime.UtcNow : null,
        });
}

/// <summary>What is known of a broker.</summary>
/// <param name="Name">Its resource's name.</param>
/// <param name="State">One of <see cref="KnownResourceStates"/>, or null before it has one.</param>
/// <param name="IsHealthy">Whether it runs and its health check says that it has joined the cluster.</param>
internal sealed record BrokerState(string Name, string? State, bool IsHealthy)
{
    /// <summary>Whether it ran and does no more.</summary>
    public bool HasEnded => KnownResourceStates.TerminalStates.Contains(State);
}
