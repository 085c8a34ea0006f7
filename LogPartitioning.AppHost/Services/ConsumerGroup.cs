using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPartitioning.AppHost.Services;

/// <summary>The consumer instances as one thing: how many of them run, and the commands that change that.</summary>
/// <param name="name">The resource's name.</param>
internal sealed class ConsumerGroupResource(string name) : Resource(name)
{
    /// <summary>The instances, whether they run or not, in the order in which they are started.</summary>
    public List<IResource> Instances { get; } = [];
}

/// <summary>Adds the consumers.</summary>
internal static class ConsumerGroup
{
    /// <summary>How long a consumer may take to stop: 30 s to drain, and what follows it.</summary>
    public static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(37);

    /// <summary>
    /// Adds <c>consumer-1</c> to <c>consumer-N</c>, and spare ones that are down until somebody scales to them: as many as there is
    /// work for, one worker a partition.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="settings">How many instances run at the start.</param>
    /// <param name="add">Adds the instance of a name.</param>
    /// <returns>All instances.</returns>
    public static IReadOnlyList<IResourceBuilder<ProjectResource>> AddConsumers(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, Func<string, IResourceBuilder<ProjectResource>> add)
    {
        var group = builder.AddResource(new ConsumerGroupResource("consumers"))
            .WithNotStartedState("ConsumerGroup")
            .WithIconName("PeopleTeam")
            .ExcludeFromManifest();
        var instances = new List<IResourceBuilder<ProjectResource>>();
        for (var number = 1; number <= settings.ConsumerInstances; number++)
        {
            var instance = add($"consumer-{number}").WithParentRelationship(group);
            instances.Add(number <= settings.ConsumerReplicas ? instance : instance.WithExplicitStart());
            group.Resource.Instances.Add(instance.Resource);
        }

        group.OnInitializeResource((_, initialize, _) =>
        {
            var stopping = initialize.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            _ = Task.Run(() => FollowAsync(group.Resource, initialize.Notifications, stopping), stopping);
            return Task.CompletedTask;
        });
        group.WithScalingCommands();
        return instances;
    }

    private static async Task FollowAsync(ConsumerGroupResource group, ResourceNotificationService notifications, CancellationToken stopping)
    {
        var running = new HashSet<string>(StringComparer.Ordinal);
        await PublishAsync(0);
        await notifications.FollowAsync(
            async change =>
            {
                var name = change.Resource.Name;
                if (group.Instances.Contains(change.Resource) && (change.Snapshot.State?.Text == KnownResourceStates.Running ? running.Add(name) : running.Remove(name)))
                {
                    await PublishAsync(running.Count);
                }
            },
            stopping);

        Task PublishAsync(int count) => notifications.PublishUpdateAsync(group, snapshot => snapshot with
        {
            State = new ResourceStateSnapshot(
                $"{count} running",
                count > 0 ? KnownResourceStateStyles.Success : KnownResourceStateStyles.Warn),
        });
    }
}
