using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Gateway.Audit;

/// <summary>How real traffic is audited. Configuration section <c>Audit</c>.</summary>
internal sealed class AuditOptions : IValidatableObject
{
    public const string Section = "Audit";

    /// <summary>How often what was stored lately is compared with what the brokers acknowledged; 5 s to 1 h, default 30 s. 0: never.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many of the newest stored records of each partition are looked at each time; 1 to 5,000, default 200.</summary>
    public int Records { get; set; } = 200;

    /// <summary>How often an event of the gateway's own is sent, to measure how long it takes until it can be read; 1 s to 1 h, default 30 s. 0: never.</summary>
    public TimeSpan CanaryInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval != TimeSpan.Zero && (Interval < TimeSpan.FromSeconds(5) || Interval > TimeSpan.FromHours(1)))
        {
            yield return Problem(nameof(Interval), $"must be 0 or between 00:00:05 and 01:00:00, and is {Interval}");
        }

        if (Records is < 1 or > 5000)
        {
            yield return Problem(nameof(Records), $"must be between 1 and 5000, and is {Records}");
        }

        if (CanaryInterval != TimeSpan.Zero && (CanaryInterval < TimeSpan.FromSeconds(1) || CanaryInterval > TimeSpan.FromHours(1)))
        {
            yield return Problem(nameof(CanaryInterval), $"must be 0 or between 00:00:01 and 01:00:00, and is {CanaryInterval}");
        }
    }

    private static ValidationResult Problem(string setting, string rule) => new($"{Section}:{setting} {rule}.", [setting]);
}
