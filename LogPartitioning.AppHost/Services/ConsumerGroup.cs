using System.Globalization;
using LogPartitioning.AppHost.Commands;
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
    /// <summary>A consumer's drain of 30 s, and a little for what follows it.</summary>
    public static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(37);

    /// <summary>Beyond this many instances nobody scales by a click.</summary>
    private const int MaxSpare = 12;

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
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ConsumerGroup",
                State = KnownResourceStates.NotStarted,
                CreationTimeStamp = DateTime.UtcNow,
                Properties = [],
            })
            .WithIconName("PeopleTeam")
            .ExcludeFromManifest();
        var instances = new List<IResourceBuilder<ProjectResource>>();
        for (var number = 1; number <= Math.Max(settings.ConsumerReplicas, Useful(settings)); number++)
        {
            var instance = add(string.Create(CultureInfo.InvariantCulture, $"consumer-{number}")).WithParentRelationship(group);
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

    private static int Useful(AppHostSettings settings) =>
        Math.Min(MaxSpare, (settings.Topics.Partitions + settings.ConsumerConcurrency - 1) / settings.ConsumerConcurrency);

    private static async Task FollowAsync(ConsumerGroupResource group, ResourceNotificationService notifications, CancellationToken stopping)
    {
        var running = group.Instances.ToDictionary(instance => instance.Name, _ => false, StringComparer.Ordinal);
        try
        {
            await PublishAsync(0);
            await foreach (var change in notifications.WatchAsync(stopping))
            {
                var runs = change.Snapshot.State?.Text == KnownResourceStates.Running;
                if (running.TryGetValue(change.Resource.Name, out var ran) && ran != runs)
                {
                    running[change.Resource.Name] = runs;
                    await PublishAsync(running.Values.Count(value => value));
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The application stops.
        }

        Task PublishAsync(int count) => notifications.PublishUpdateAsync(group, snapshot => snapshot with
        {
            State = new ResourceStateSnapshot(
                string.Create(CultureInfo.InvariantCulture, $"{count} running"),
                count > 0 ? KnownResourceStateStyles.Success : KnownResourceStateStyles.Warn),
        });
    }
}
