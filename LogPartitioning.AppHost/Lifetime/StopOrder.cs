namespace LogPartitioning.AppHost.Lifetime;

/// <summary>The order in which resources are stopped: one that waited for another at the start, or is marked to stop before it, is stopped first.</summary>
internal static class StopOrder
{
    /// <summary>Stops this resource only when <paramref name="other"/> is down.</summary>
    public static IResourceBuilder<T> StopsAfter<T>(this IResourceBuilder<T> resource, IResourceBuilder<IResource> other)
        where T : IResource => resource.WithAnnotation(new StopsAfterAnnotation(other.Resource));

    /// <summary>How long this resource may take to stop.</summary>
    public static IResourceBuilder<T> MayTakeToStop<T>(this IResourceBuilder<T> resource, TimeSpan budget)
        where T : IResource => resource.WithAnnotation(new StopBudgetAnnotation(budget));

    /// <summary>How long a resource may take to stop, where that was said.</summary>
    public static TimeSpan? StopBudget(this IResource resource) => resource.Annotations.OfType<StopBudgetAnnotation>().LastOrDefault()?.Budget;

    /// <summary>Groups of resources; all of a group can be stopped at once when the group before it is down.</summary>
    public static IReadOnlyList<IReadOnlyList<IResource>> Waves(IReadOnlyCollection<IResource> resources)
    {
        // What each resource has to wait for before it is stopped.
        var before = resources.ToDictionary(resource => resource, _ => new HashSet<IResource>());
        foreach (var resource in resources)
        {
            foreach (var needed in resource.Annotations.OfType<WaitAnnotation>().SelectMany(wait => RunningPartsOf(wait.Resource, before.Keys)))
            {
                before[needed].Add(resource);
            }

            before[resource].UnionWith(resource.Annotations.OfType<StopsAfterAnnotation>().Select(after => after.Other).Where(before.ContainsKey));
        }

        var waves = new List<IReadOnlyList<IResource>>();
        var left = resources.ToList();
        while (left.Count > 0)
        {
            var free = left.Where(resource => !before[resource].Overlaps(left.Where(other => other != resource))).ToList();
            // Resources that wait for each other in a circle are stopped at once.
            waves.Add(free.Count > 0 ? free : left);
            left = [.. left.Except(waves[^1])];
        }

        return waves;
    }

    // Waiting for a database or a cluster means waiting for what runs it.
    private static IEnumerable<IResource> RunningPartsOf(IResource waitedFor, IReadOnlyCollection<IResource> running) => waitedFor switch
    {
        _ when running.Contains(waitedFor) => [waitedFor],
        Kafka.KafkaClusterResource cluster => cluster.Brokers.Select(broker => broker.Resource).Where(running.Contains),
        IResourceWithParent child => RunningPartsOf(child.Parent, running),
        _ => [],
    };

    private sealed record StopBudgetAnnotation(TimeSpan Budget) : IResourceAnnotation;

    private sealed record StopsAfterAnnotation(IResource Other) : IResourceAnnotation;
}
