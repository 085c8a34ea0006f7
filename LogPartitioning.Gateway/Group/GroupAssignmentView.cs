using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>Who has what: from the instances' own states, or, while these do not tell all, from the brokers.</summary>
internal static class GroupAssignmentView
{
    public static GroupAssignment From(GroupView view, LagReport? report)
    {
        var instances = view.Live ? FromStates(view.Instances) : FromBrokers(report);
        var assigned = instances.SelectMany(instance => instance.Workers).SelectMany(worker => worker.Partitions).ToHashSet();
        return new(
            view.Live,
            view.Reason,
            instances,
            report is null ? null : [.. report.Partitions.Select(partition => partition.Partition).Where(partition => !assigned.Contains(partition))]);
    }

    private static List<InstanceAssignment> FromStates(IReadOnlyList<InstanceState> states) =>
        [.. states.Select(state => new InstanceAssignment(
            state.Instance,
            [.. state.Workers.Select(worker => new WorkerPartitions(worker.Worker, worker.Partitions))]))];

    /// <summary>The members, with the partitions whose owner the lag report says they are: while the group rebalances, that is
    /// whoever had them before.</summary>
    private static List<InstanceAssignment> FromBrokers(LagReport? report)
    {
        if (report is null)
        {
            return [];
        }

        var owned = report.Partitions.Where(partition => partition.Owner is not null).ToLookup(partition => partition.Owner!, partition => partition.Partition);
        return
        [
            .. report.Offsets.Members.Select(member => member.ClientId)
                .Union(owned.Select(owner => owner.Key))
                .Select(name => (Name: WorkerClientId.Split(name), Partitions: owned[name].ToList()))
                .GroupBy(worker => worker.Name.Instance)
                .OrderBy(instance => instance.Key, NaturalOrder.Instance)
                .Select(instance => new InstanceAssignment(
                    instance.Key,
                    [.. instance.OrderBy(worker => worker.Name.Worker).Select(worker => new WorkerPartitions(worker.Name.Worker, worker.Partitions))])),
        ];
    }
}
