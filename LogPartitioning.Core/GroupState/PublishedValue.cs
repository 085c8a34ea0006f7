using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace LogPartitioning.Core.GroupState;

/// <summary>
/// What stands in Redis, read with distrust: anybody may have written it, and a view must neither fail on it nor pass it on
/// as if an instance had said it.
/// </summary>
internal static class PublishedValue
{
    /// <summary>The longest value that is read, in bytes. A state of 10,000 partitions has about 2 MiB.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The state under a name; or why it is none.</summary>
    public static (InstanceState? State, string? Problem) ReadState(string name, byte[] json)
    {
        var (state, problem) = Read(json, GroupStateJson.Default.InstanceState);
        problem ??= state!.Instance != name ? "it is another instance's state" : ProblemOf(state);
        return problem is null ? (state, null) : (null, problem);
    }

    /// <summary>The rebalance that stands there; or why it is none.</summary>
    public static (RebalanceEvent? Rebalance, string? Problem) ReadRebalance(byte[] json)
    {
        var (rebalance, problem) = Read(json, GroupStateJson.Default.RebalanceEvent);
        problem ??= ProblemOf(rebalance!);
        return problem is null ? (rebalance, null) : (null, problem);
    }

    private static (T? Value, string? Problem) Read<T>(byte[] json, JsonTypeInfo<T> type)
        where T : class
    {
        if (json.Length > MaxBytes)
        {
            return (null, $"it is longer than {MaxBytes / 1024 / 1024} MiB");
        }

        try
        {
            return JsonSerializer.Deserialize(json, type) is { } value ? (value, null) : (null, "it is null");
        }
        catch (JsonException e)
        {
            return (null, e.Path is { Length: > 1 } path ? $"it is not as expected at {NearestName.Cut(path)}" : "it is not the JSON expected");
        }
    }

    /// <summary>What the serializer does not see: nulls in lists, and numbers that are none of their kind.</summary>
    private static string? ProblemOf(InstanceState state) =>
        state.Workers.Any(worker => worker is null) || state.Partitions.Any(partition => partition is null) || state.Stores.Values.Any(store => store is null)
            ? "it has a null in a list"
            : state.Workers.Any(worker => worker.Worker < 0)
              || state.Workers.SelectMany(worker => worker.Partitions).Concat(state.Partitions.Select(partition => partition.Partition)).Concat(state.ProcessedByPartition.Keys).Any(partition => partition < 0)
              || !double.IsFinite(state.EventsPerSecond)
                ? "it has a number that is out of range"
                : state.LastRebalance is { } last ? ProblemOf(last) : null;

    private static string? ProblemOf(RebalanceEvent rebalance) =>
        rebalance.Pauses.Any(pause => pause is null)
            ? "it has a null in a list"
            : rebalance.Gained.Concat(rebalance.GivenUp).Concat(rebalance.Kept).Concat(rebalance.Pauses.Select(pause => pause.Partition)).Any(partition => partition < 0)
              || rebalance.Worker < 0
              || !double.IsFinite(rebalance.DurationMs)
              || rebalance.Pauses.Any(pause => !double.IsFinite(pause.Ms))
                ? "it has a number that is out of range"
                : null;
}
