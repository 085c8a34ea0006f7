using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Core.GroupState;

/// <summary>How the live state of the group is shared through Redis. Configuration section <c>GroupState</c>.</summary>
public sealed class GroupStateOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string Section = "GroupState";

    /// <summary>How often an instance publishes its state; 100 ms to 1 min, default 1 s.</summary>
    public TimeSpan PublishInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an instance's last report counts; at least twice the interval, default 5 s.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call to Redis may take before the view goes on without it; 50 ms to 10 s, default 1 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (PublishInterval < TimeSpan.FromMilliseconds(100) || PublishInterval > TimeSpan.FromMinutes(1))
        {
            yield return new($"{Section}:{nameof(PublishInterval)} must be between 00:00:00.100 and 00:01:00, and is {PublishInterval}.", [nameof(PublishInterval)]);
        }

        if (TimeToLive < 2 * PublishInterval)
        {
            yield return new($"{Section}:{nameof(TimeToLive)} must be at least twice {nameof(PublishInterval)} ({2 * PublishInterval}), and is {TimeToLive}.", [nameof(TimeToLive)]);
        }

        if (Timeout < TimeSpan.FromMilliseconds(50) || Timeout > TimeSpan.FromSeconds(10))
        {
            yield return new($"{Section}:{nameof(Timeout)} must be between 00:00:00.050 and 00:00:10, and is {Timeout}.", [nameof(Timeout)]);
        }
    }
}
