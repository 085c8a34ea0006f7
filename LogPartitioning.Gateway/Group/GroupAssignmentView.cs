using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>Who has what: from the instances' own states, or, while Redis is away, from the brokers.</summary>
internal static class GroupAssignmentView
{
    public static GroupAssignment From(GroupView view, LagReport? report)
    {
        var instances = view.Live ? FromStates(view.Instances) : FromMembers(report?.Offsets.Members ?? []);
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

    private static List<InstanceAssignment> FromMembers(IReadOnlyList<GroupMember> members) =>
        [.. members
            .Select(member => (Name: WorkerClientId.Split(member.ClientId), member.Partitions))
            .GroupBy(member => member.Name.Instance)
            .Select(instance => new InstanceAssignment(
                instance.Key,
                [.. instance.OrderBy(member => member.Name.Worker).Select(member => new WorkerPartitions(member.Name.Worker, member.Partitions))]))];
}
