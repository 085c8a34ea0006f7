using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>What makes a group healthy, degraded or unhealthy.</summary>
internal static class GroupHealthRules
{
    public const string Healthy = "healthy";
    public const string Degraded = "degraded";
    public const string Unhealthy = "unhealthy";

    public static (string Status, IReadOnlyList<string> Reasons) Judge(
        LagReport? report, string? problem, GroupView view, int? partitions = null)
    {
        var grave = new List<string>();
        var off = new List<string>();
        if (problem is not null)
        {
            grave.Add(problem);
        }

        if (report is { Offsets.Members.Count: 0 })
        {
            (report.TotalLag > 0 ? grave : off).Add("no consumer is in the group");
        }

        if (report is not null && report.Verdict != LagVerdict.Ok)
        {
            (report.Verdict is LagVerdict.Stop or LagVerdict.Stall ? grave : off).Add(report.Reason);
        }

        foreach (var member in report?.Offsets.Members.Where(member => !WorkerClientId.IsWorker(member.ClientId)) ?? [])
        {
            grave.Add($"{member.ClientId} is a member of the group and none of our consumers{Holding(member)}");
        }

        if (report is not null && view.Live)
        {
            var workers = view.Instances.SelectMany(instance => instance.Workers).Select(worker => worker.ClientId).ToHashSet();
            foreach (var member in report.Offsets.Members.Where(member =>
                WorkerClientId.IsWorker(member.ClientId) && !workers.Contains(member.ClientId) && member.Partitions.Count > 0))
            {
                off.Add($"{member.ClientId} is a member of the group, and no live consumer says that it is its own: it has died lately, or is a stranger{Holding(member)}");
            }
        }

        if (report?.Offsets.StoreProblem is { } unknown)
        {
            off.Add($"{unknown}: the lag counts from the last known ones");
        }

        var underReplicated = report?.Offsets.Partitions.Count(partition => partition.InSyncReplicas < partition.Replicas) ?? 0;
        if (underReplicated > 0)
        {
            off.Add(FormattableString.Invariant($"{underReplicated} partitions have fewer replicas in sync than they should"));
        }

        if (report is not null && report.Partitions.Count > partitions)
        {
            off.Add(FormattableString.Invariant($"{report.Topic} has {report.Partitions.Count} partitions and Kafka:Partitions is {partitions}: events go to the first {partitions} until the services start again with {report.Partitions.Count}"));
        }

        if (!view.Live)
        {
            off.Add(view.Reason ?? "the instances' states cannot be read");
        }

        off.AddRange(SharedNames.Among(view.Instances));
        foreach (var instance in view.Instances)
        {
            foreach (var (store, state) in instance.Stores.Where(store => !store.Value.Reachable))
            {
                off.Add($"{instance.Instance} does not reach {store}{(state.Detail is null ? "" : ": " + state.Detail)}");
            }

            var paused = instance.Partitions.Count(partition => partition.Paused);
            if (paused > 0)
            {
                off.Add(FormattableString.Invariant($"{instance.Instance} has {paused} partitions paused: its buffer is full and the store is slower than the brokers"));
            }
        }

        var status = grave.Count > 0 ? Unhealthy : off.Count > 0 ? Degraded : Healthy;
        return (status, [.. grave, .. off]);
    }

    private static string Holding(GroupMember member) =>
        member.Partitions.Count == 0 ? "" : $"; it has partitions {string.Join(", ", member.Partitions)}";
}
