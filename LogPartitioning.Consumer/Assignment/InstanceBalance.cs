using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// The assignor balances over members and knows no instances: with 12 partitions and three instances of three workers it is
/// content with 6+3+3, and being sticky it stays so. This rule finds the worker that has to hand its partitions back for
/// 4+4+4.
/// </summary>
internal static class InstanceBalance
{
    /// <summary>
    /// The worker of <paramref name="instance"/> that should leave and join again; null when there is nothing to even out, the
    /// group is not settled, or another instance is to act.
    /// </summary>
    /// <remarks>
    /// Only the fullest instance acts (of equally full ones the first by name), so that no two act at once. It gives back
    /// its fullest worker, of equally full ones the last: what is given back goes to the emptiest members, first workers
    /// first, and what the returning worker gets comes from the fullest, last workers first (see <see cref="WorkerClientId"/>).
    /// So the surplus gathers at the first worker of each instance.
    /// </remarks>
    public static int? WorkerToHandBack(GroupOffsets group, string instance)
    {
        if (group.State != "Stable" || group.Members.Sum(m => m.Partitions.Count) != group.Partitions.Count)
        {
            return null;
        }

        var instances = group.Members
            .Select(m => (Name: WorkerClientId.Split(m.ClientId), m.Partitions.Count))
            .GroupBy(m => m.Name.Instance, m => (m.Name.Worker, m.Count))
            .Select(i => (Instance: i.Key, Total: i.Sum(w => w.Count), Workers: i.ToList()))
            .OrderByDescending(i => i.Total)
            .ThenBy(i => i.Instance, NaturalOrder.Instance)
            .ToList();
        // Instances of different sizes have no even share.
        if (instances.Count < 2 || instances.Select(i => i.Workers.Count).Distinct().Count() > 1)
        {
            return null;
        }

        var fullest = instances[0];
        return fullest.Instance == instance && fullest.Total - instances[^1].Total > 1
            ? fullest.Workers.MaxBy(w => (w.Count, w.Worker)).Worker
            : null;
    }
}
