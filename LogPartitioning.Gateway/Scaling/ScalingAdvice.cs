using System.Text.Json.Serialization;

namespace LogPartitioning.Gateway.Scaling;

/// <summary>How many consumers there should be. A consumer is a member of the group: one worker of an instance.</summary>
/// <param name="At">The reading of the lag that it follows from.</param>
/// <param name="Current">Members of the group now.</param>
/// <param name="Desired">Members that there should be.</param>
/// <param name="Recommended">What this reading alone would call for, before the stabilisation window.</param>
/// <param name="WorkersPerInstance">Workers that an instance runs.</param>
/// <param name="CurrentInstances">Instances now: <paramref name="Current"/> in instances, rounded up.</param>
/// <param name="DesiredInstances">Instances that give <paramref name="Desired"/> members, rounded up.</param>
/// <param name="TotalLag">Records that wait.</param>
/// <param name="Reasons">Why, step by step, in words.</param>
internal sealed record ScalingAdvice(
    DateTimeOffset At,
    int Current,
    int Desired,
    int Recommended,
    int WorkersPerInstance,
    int CurrentInstances,
    int DesiredInstances,
    long TotalLag,
    IReadOnlyList<string> Reasons)
{
    /// <summary>What following it would cost; null where it is not asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RebalancePrice? Price { get; init; }
}

/// <summary>A change of advice.</summary>
/// <param name="At">When.</param>
/// <param name="From">Consumers advised before; null for the first advice.</param>
/// <param name="To">Consumers advised from then on.</param>
/// <param name="Current">Members of the group at that time.</param>
/// <param name="TotalLag">Records that waited at that time.</param>
/// <param name="Reasons">Why, in words.</param>
internal sealed record ScalingChange(
    DateTimeOffset At,
    int? From,
    int To,
    int Current,
    long TotalLag,
    IReadOnlyList<string> Reasons);
