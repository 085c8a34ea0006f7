using System.Collections.Concurrent;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>The services that are stopped on purpose by a signal: their exit alone looks like a crash.</summary>
internal sealed class IntendedStops
{
    private readonly ConcurrentDictionary<string, bool> _names = new(StringComparer.Ordinal);

    /// <summary>The service's next exit is intended.</summary>
    public void Add(string resource) => _names[resource] = true;

    /// <summary>The service starts again.</summary>
    public void Remove(string resource) => _names.TryRemove(resource, out _);

    /// <summary>Whether the service's exit is intended.</summary>
    public bool Contains(string resource) => _names.ContainsKey(resource);
}
