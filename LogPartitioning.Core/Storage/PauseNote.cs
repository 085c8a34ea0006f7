using System.Text.Json;

namespace LogPartitioning.Core.Storage;

/// <summary>Who paused a partition and why, as <c>consumer_offsets.halted_detail</c> has it.</summary>
/// <param name="By">The name of the operator's key; null where no keys are known.</param>
/// <param name="Reason">Why, in the operator's words; null where none were given.</param>
public sealed record PauseNote(string? By, string? Reason)
{
    /// <summary>What is kept. JSON, so that a reason may say anything and cannot pass for a name.</summary>
    public string ToStored() => JsonSerializer.Serialize(this);

    /// <summary>What was kept. A text that is no such JSON, which somebody wrote by hand, is the reason.</summary>
    public static PauseNote Parse(string stored)
    {
        try
        {
            return JsonSerializer.Deserialize<PauseNote>(stored) ?? new(null, null);
        }
        catch (JsonException)
        {
            return new(null, stored.Length == 0 ? null : stored);
        }
    }

    /// <summary>The same for people.</summary>
    /// <param name="since">Since when; null where it is not known.</param>
    public string InWords(DateTimeOffset? since) => FormattableString.Invariant(
        $"paused by an operator{(since is { } at ? FormattableString.Invariant($" since {at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}") : "")}{(By is null ? "" : $" (key {By})")}{(Reason is null ? "" : $": {Reason}")}");
}
