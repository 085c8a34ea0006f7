using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPartitioning.Gateway.DeadLetters;

/// <summary>How a job stands.</summary>
[JsonConverter(typeof(StateConverter))]
internal enum DeadLetterRedriveState
{
    /// <summary>It sends, or waits for the next to send.</summary>
    Running,

    /// <summary>It came to its end, whatever the outcome of each letter.</summary>
    Succeeded,

    /// <summary>It gave up; what it sent stays sent.</summary>
    Failed,

    /// <summary>An operator or a shutdown ended it; what it sent stays sent.</summary>
    Cancelled,
}

internal sealed class StateConverter() : JsonStringEnumConverter<DeadLetterRedriveState>(JsonNamingPolicy.CamelCase);

/// <summary>What a job is to send.</summary>
/// <param name="Reason">Only those set aside for it; null for every reason.</param>
/// <param name="Items">Only those with these origins; null for all that the topic holds when it starts.</param>
/// <param name="DryRun">Sends nothing and counts what would be sent.</param>
/// <param name="RatePerSecond">The most that are sent in a second.</param>
/// <param name="StartedBy">The name of the key; null where no keys are known.</param>
internal sealed record DeadLetterRedriveOrder(
    string? Reason, IReadOnlyList<DeadLetterOrigin>? Items, bool DryRun, int RatePerSecond, string? StartedBy);

/// <summary>A job as it stands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">How it stands.</param>
/// <param name="DryRun">Nothing is sent; <paramref name="Replayed"/> are those that would be.</param>
/// <param name="Reason">Of which reason; null for every one.</param>
/// <param name="RatePerSecond">The most that are sent in a second.</param>
/// <param name="SentPerSecond">How many were sent in a second, from the first to the last so far; null until two were.</param>
/// <param name="Total">How many letters it is about; null until that is known.</param>
/// <param name="Done">How many have an outcome: the sum of the next four.</param>
/// <param name="Replayed">Sent and acknowledged.</param>
/// <param name="AlreadyReplayed">Sent before; nothing was sent now.</param>
/// <param name="Unknown">Of which nobody knows whether they arrived; not sent again.</param>
/// <param name="Failed">Not sent, for lack of the letter, of its bytes, or of a broker that takes it.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="StartedBy">The name of the key that began it; null where no keys are known.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
internal sealed record DeadLetterRedriveJob(
    Guid Id, DeadLetterRedriveState State, bool DryRun, string? Reason, int RatePerSecond, double? SentPerSecond, int? Total, int Done, int Replayed, int AlreadyReplayed, int Unknown,
    int Failed, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? StartedBy, string? Error)
{
    /// <summary>With one more outcome.</summary>
    public DeadLetterRedriveJob With(DeadLetterRedriveStatus status) => status switch
    {
        DeadLetterRedriveStatus.Replayed => this with { Done = Done + 1, Replayed = Replayed + 1 },
        DeadLetterRedriveStatus.AlreadyReplayed => this with { Done = Done + 1, AlreadyReplayed = AlreadyReplayed + 1 },
        DeadLetterRedriveStatus.Unknown => this with { Done = Done + 1, Unknown = Unknown + 1 },
        _ => this with { Done = Done + 1, Failed = Failed + 1 },
    };
}
