using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Core.Lag;

/// <summary>How lag is read and judged. Configuration section <c>Lag</c>.</summary>
public sealed class LagOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Lag";

    /// <summary>How often lag is read; 250 ms to 1 h, default 5 s.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many readings a verdict looks at; 3 to 1,000, default 60: five minutes, as ten of 30 s are at Burrow.</summary>
    public int Window { get; set; } = 60;

    /// <summary>Lag up to this many records counts as none; default 0.</summary>
    public long AllowedLag { get; set; }

    /// <summary>How long the brokers may take to answer a reading; 100 ms to 1 min, default 5 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Interval < TimeSpan.FromMilliseconds(250) || Interval > TimeSpan.FromHours(1))
        {
            yield return new($"{Section}:{nameof(Interval)} must be between 00:00:00.250 and 01:00:00, and is {Interval}.", [nameof(Interval)]);
        }

        if (Window is < 3 or > 1000)
        {
            yield return new($"{Section}:{nameof(Window)} must be between 3 and 1000 readings, and is {Window}.", [nameof(Window)]);
        }

        if (AllowedLag < 0)
        {
            yield return new($"{Section}:{nameof(AllowedLag)} must not be negative, and is {AllowedLag}.", [nameof(AllowedLag)]);
        }

        if (Timeout < TimeSpan.FromMilliseconds(100) || Timeout > TimeSpan.FromMinutes(1))
        {
            yield return new($"{Section}:{nameof(Timeout)} must be between 00:00:00.100 and 00:01:00, and is {Timeout}.", [nameof(Timeout)]);
        }
    }
}
