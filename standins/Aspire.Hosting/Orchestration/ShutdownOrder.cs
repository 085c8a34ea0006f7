using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Stops what waited for others before what it waited for, and everything else at once.</summary>
internal sealed class ShutdownOrder
{
    private readonly Dictionary<IResource, HashSet<IResource>> _dependents = [];

    public ShutdownOrder(IReadOnlyCollection<IResource> resources)
    {
        foreach (var resource in resources)
        {
            foreach (var needed in NeededBy(resource, []))
            {
                (_dependents.TryGetValue(needed, out var known) ? known : _dependents[needed] = []).Add(resource);
            }
        }
    }

    /// <summary>Stops all, each after those that waited for it.</summary>
    public Task StopAsync(IEnumerable<IResource> resources, Func<IResource, Task> stop)
    {
        Dictionary<IResource, Task> stopping = [];
        return Task.WhenAll(resources.Select(resource => StopOne(resource, [])));

        Task StopOne(IResource resource, HashSet<IResource> path)
        {
            if (stopping.TryGetValue(resource, out var known))
            {
                return known;
            }

            // Two that wait for each other never started; they end together.
            if (!path.Add(resource))
            {
                return Task.CompletedTask;
            }

            var before = _dependents.GetValueOrDefault(resource, []).Select(dependent => StopOne(dependent, path)).ToList();
            path.Remove(resource);
            return stopping[resource] = AfterAsync(before, resource);
        }

        async Task AfterAsync(List<Task> before, IResource resource)
        {
            await Task.WhenAll(before);
            await stop(resource);
        }
    }

    // Through connection strings and parts of servers, down to what runs.
    private static List<IResource> NeededBy(IResource resource, HashSet<IResource> seen) =>
        [.. resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource).Where(seen.Add)
            .SelectMany(needed => NeededBy(needed, seen).Prepend(needed))];
}
