using System.Collections.Concurrent;

namespace LogPartitioning.AppHost.Restarts;

/// <summary>Which services are being stopped on purpose by a signal, which nobody could tell from a death by the exit alone.</summary>
internal sealed class StopIntentions
{
    private readonly ConcurrentDictionary<string, bool> _intended = new(StringComparer.Ordinal);

    /// <summary>The service's next exit is meant.</summary>
    public void Announce(string resource) => _intended[resource] = true;

    /// <summary>The service starts again, or was not stopped after all.</summary>
    public void Withdraw(string resource) => _intended.TryRemove(resource, out _);

    /// <summary>Whether the service's exit is meant.</summary>
    public bool Contains(string resource) => _intended.ContainsKey(resource);
}
