using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;

namespace LogPartitioning.Gateway.Group;

/// <summary>
/// The partitions whose lag no consumer exports, so that the gateway has to: each partition's lag must be on exactly one
/// <c>/metrics</c>, or a sum over them is wrong.
/// </summary>
/// <remarks>
/// <para>
/// A consumer exports what is assigned to it. Who that is, the instances' own states in Redis tell within a second, and a dead
/// instance's state expires after seconds, when the brokers still count it as a member until its session times out. While
/// Redis is away the brokers' description of the group decides. Of several gateways one exports them, see
/// <see cref="GroupWatch"/>.
/// </para>
/// <para>
/// Handover: a partition is unclaimed for a moment between its old and its new owner. It is taken over here only after
/// <see cref="Grace"/>, and given back at the first sight of a claim: for that moment a sum may miss a partition for a
/// scrape, and it may count one twice only within the second in which a new owner's claim is on its way.
/// </para>
/// </remarks>
internal sealed class UnownedPartitions
{
    /// <summary>How long a partition is unclaimed before the gateway exports it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<int, DateTimeOffset> _unclaimedSince = [];

    /// <summary>Takes in who claims which partition now.</summary>
    public void Observe(GroupView view, LagReport? report, DateTimeOffset now)
    {
        if (report is null)
        {
            return;
        }

        var claimed = view.Live
            ? view.Instances.SelectMany(instance => instance.Workers).SelectMany(worker => worker.Partitions).ToHashSet()
            : [.. report.Partitions.Where(partition => partition.Owner is not null).Select(partition => partition.Partition)];
        lock (_lock)
        {
            foreach (var partition in report.Partitions)
            {
                if (claimed.Contains(partition.Partition))
                {
                    _unclaimedSince.Remove(partition.Partition);
                }
                else
                {
                    _unclaimedSince.TryAdd(partition.Partition, now);
                }
            }
        }
    }

    /// <summary>The partitions to export now.</summary>
    public IReadOnlySet<int> At(DateTimeOffset now)
    {
        lock (_lock)
        {
            return _unclaimedSince.Where(entry => now - entry.Value >= Grace).Select(entry => entry.Key).ToHashSet();
        }
    }
}
