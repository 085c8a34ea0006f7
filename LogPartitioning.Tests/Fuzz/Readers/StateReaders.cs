using System.Text;
using System.Text.Json;
using LogPartitioning.Core.GroupState;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.Tests.Core.GroupState;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>The readers of what lies in Redis and in files, where others may have written it.</summary>
internal static class StateReaders
{
    /// <param name="seeds">What to begin with.</param>
    /// <param name="folder">For a file of keys.</param>
    public static IEnumerable<FuzzedReader> All(FuzzSeeds seeds, string folder)
    {
        var file = Path.Combine(folder, "keys.json");
        return
        [
            new("states", 6, [JsonSerializer.SerializeToUtf8Bytes(GroupSamples.Instance, GroupStateJson.Default.InstanceState)], ReadState),
            new("rebalances", 5, [JsonSerializer.SerializeToUtf8Bytes(GroupSamples.Rebalance(3), GroupStateJson.Default.RebalanceEvent)], ReadRebalance),
            new("key files", 2,
            [
                .. seeds.Examples.Where(example => example.AsSpan().IndexOf("sha256"u8) >= 0),
                Encoding.UTF8.GetBytes($$"""{ "keys": [ { "name": "shop", "sha256": "{{new string('a', 64)}}", "roles": ["write", "read"], "requestsPerSecond": 5 }, /* one more */ { "name": "anna", "sha256": "{{new string('b', 64)}}", "roles": ["operate"] }, ] }"""),
            ], input => ReadKeys(input, file)),
        ];
    }

    private static string ReadState(FuzzInput input)
    {
        var (state, problem) = PublishedValue.ReadState("consumer-1", input.Bytes);
        BrokenPromiseException.Unless(state is null != problem is null, "there is a state or a problem");
        if (state is null)
        {
            return Refused(problem!);
        }

        var (again, _) = PublishedValue.ReadState("consumer-1", JsonSerializer.SerializeToUtf8Bytes(state, GroupStateJson.Default.InstanceState));
        BrokenPromiseException.Unless(again is not null && again.Partitions.SequenceEqual(state.Partitions) && again.At == state.At, "a state is read as it was written");
        return $"state {state.LastRebalance is not null} {state.Partitions.Count > 0} {state.Stores.Count > 0}";
    }

    private static string ReadRebalance(FuzzInput input)
    {
        var (rebalance, problem) = PublishedValue.ReadRebalance(input.Bytes);
        BrokenPromiseException.Unless(rebalance is null != problem is null, "there is a rebalance or a problem");
        if (rebalance is null)
        {
            return Refused(problem!);
        }

        var (again, _) = PublishedValue.ReadRebalance(JsonSerializer.SerializeToUtf8Bytes(rebalance, GroupStateJson.Default.RebalanceEvent));
        BrokenPromiseException.Unless(again is not null && again.Id == rebalance.Id && again.Gained.SequenceEqual(rebalance.Gained), "a rebalance is read as it was written");
        return $"rebalance {rebalance.Kept.Count > 0} {rebalance.Pauses.Count > 0}";
    }

    private static string ReadKeys(FuzzInput input, string file)
    {
        File.WriteAllBytes(file, input.Bytes);
        var read = ConfiguredKeys.Read(new ApiKeyOptions { File = file });
        BrokenPromiseException.Unless(read.Problems.Count > 0 != read.Keys.Count > 0, "there are keys or problems");
        return read.Keys.Count > 0 ? $"keys {read.Keys.Any(key => key.RequestsPerSecond is not null)}" : Refused(read.Problems[0].Replace(file, "", StringComparison.Ordinal));
    }

    private static string Refused(string problem)
    {
        BrokenPromiseException.Unless(problem.Length is > 0 and < 1_000, "a problem has words, and not too many");
        return FuzzOutcome.Of($"refused {problem}");
    }
}
