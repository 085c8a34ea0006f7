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
            [.. state.Workers.Select(worker => new WorkerAssignment(worker.Worker, worker.Partitions))]))];

    /// <summary>A worker's client id is <c>instance/worker</c>; any other member is an instance of one worker.</summary>
    private static List<InstanceAssignment> FromMembers(IReadOnlyList<GroupMember> members) =>
        [.. members
            .Select(member =>
            {
                var slash = member.ClientId.LastIndexOf('/');
                return slash > 0 && int.TryParse(member.ClientId.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var worker)
                    ? (Instance: member.ClientId[..slash], Worker: worker, member.Partitions)
                    : (Instance: member.ClientId, Worker: 0, member.Partitions);
            })
            .GroupBy(member => member.Instance)
            .Select(instance => new InstanceAssignment(
                instance.Key,
                [.. instance.OrderBy(member => member.Worker).Select(member => new WorkerAssignment(member.Worker, member.Partitions))]))];
}
