using System.Collections.Concurrent;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer;

/// <summary>What the instance last heard of each store, as its own work came by: nothing is asked for this.</summary>
internal sealed class StoreStates
{
    public const string Kafka = "kafka";
    public const string Logs = "logs";
    public const string Redis = "redis";

    private readonly ConcurrentDictionary<string, StoreState> _states = new();

    public IReadOnlyDictionary<string, StoreState> Current => new SortedDictionary<string, StoreState>(_states);

    public void Answers(string store)
    {
        if (!_states.TryGetValue(store, out var state) || !state.Reachable)
        {
            _states[store] = new(true);
        }
    }

    public void Fails(string store, string detail) => _states[store] = new(false, detail);
}
