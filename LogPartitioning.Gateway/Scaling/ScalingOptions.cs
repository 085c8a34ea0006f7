using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Gateway.Scaling;

/// <summary>
/// How many consumers to advise; names and meanings are those of KEDA's Kafka scaler
/// (https://keda.sh/docs/latest/scalers/apache-kafka/) and of the horizontal pod autoscaler. Configuration section <c>Scaling</c>.
/// </summary>
internal sealed class ScalingOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Scaling";

    /// <summary>
    /// How many waiting records one consumer is worth; at least 1, default 1,000. KEDA's own default of 10 suits queues of
    /// slow jobs; a consumer that stores thousands of events a second has that many in flight.
    /// </summary>
    public long LagThreshold { get; set; } = 1000;

    /// <summary>Up to this total lag no consumer is needed beyond <see cref="MinConsumers"/>; not negative, default 0.</summary>
    public long ActivationLagThreshold { get; set; }

    /// <summary>The advice when nothing waits; 0 (scale to zero) or more, default 1.</summary>
    public int MinConsumers { get; set; } = 1;

    /// <summary>Never advise more than this; at least 1 and at least <see cref="MinConsumers"/>, default unlimited. The partition count is a limit anyway.</summary>
    public int? MaxConsumers { get; set; }

    /// <summary>Whether to advise more consumers than partitions, as warm spares; default false.</summary>
    public bool AllowIdleConsumers { get; set; }

    /// <summary>Whether to advise no more consumers than there are partitions with lag; default false. Not with <see cref="AllowIdleConsumers"/>.</summary>
    public bool LimitToPartitionsWithLag { get; set; }

    /// <summary>
    /// Whether to leave out the lag of partitions whose committed offset has not moved since the last reading: a record that
    /// blocks its partition is not helped by more consumers. Default false.
    /// </summary>
    public bool ExcludePersistentLag { get; set; }

    /// <summary>A partition that holds more than this share of the total lag is the bottleneck itself; above 0 to 1, default 0.5.</summary>
    public double HotPartitionShare { get; set; } = 0.5;

    /// <summary>How long after the lag was last above the activation threshold before the advice goes to 0; 0 to 1 day, default 5 min.</summary>
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The advice falls to the highest figure of this long past only; 0 to 1 day, default 5 min.</summary>
    public TimeSpan ScaleInStabilization { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Workers that an instance runs, where no running instance tells; 1 to 1,000, default 3.</summary>
    public int WorkersPerInstance { get; set; } = 3;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LagThreshold < 1)
        {
            yield return Problem(nameof(LagThreshold), $"must be at least 1, and is {LagThreshold}");
        }

        if (ActivationLagThreshold < 0)
        {
            yield return Problem(nameof(ActivationLagThreshold), $"must not be negative, and is {ActivationLagThreshold}");
        }

        if (MinConsumers < 0)
        {
            yield return Problem(nameof(MinConsumers), $"must not be negative, and is {MinConsumers}");
        }

        if (MaxConsumers is { } max && (max < 1 || max < MinConsumers))
        {
            yield return Problem(nameof(MaxConsumers), $"must be at least 1 and at least {nameof(MinConsumers)} ({MinConsumers}), and is {max}");
        }

        if (AllowIdleConsumers && LimitToPartitionsWithLag)
        {
            yield return Problem(nameof(AllowIdleConsumers), $"cannot be true together with {nameof(LimitToPartitionsWithLag)}: one asks for idle consumers, the other forbids them");
        }

        if (HotPartitionShare is not (> 0 and <= 1))
        {
            yield return Problem(nameof(HotPartitionShare), FormattableString.Invariant($"must be above 0 and at most 1, and is {HotPartitionShare}"));
        }

        if (Cooldown < TimeSpan.Zero || Cooldown > TimeSpan.FromDays(1))
        {
            yield return Problem(nameof(Cooldown), $"must be between 00:00:00 and 1.00:00:00, and is {Cooldown}");
        }

        if (ScaleInStabilization < TimeSpan.Zero || ScaleInStabilization > TimeSpan.FromDays(1))
        {
            yield return Problem(nameof(ScaleInStabilization), $"must be between 00:00:00 and 1.00:00:00, and is {ScaleInStabilization}");
        }

        if (WorkersPerInstance is < 1 or > 1000)
        {
            yield return Problem(nameof(WorkersPerInstance), $"must be between 1 and 1000, and is {WorkersPerInstance}");
        }
    }

    private static ValidationResult Problem(string setting, string rule) => new($"{Section}:{setting} {rule}.", [setting]);
}
