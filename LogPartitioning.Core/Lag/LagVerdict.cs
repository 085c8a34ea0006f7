using System.Text.Json.Serialization;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// What the lag of a partition says about its consumer, after the rules of LinkedIn's Burrow. In order of gravity:
/// the verdict of a group is the gravest of its partitions.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<LagVerdict>))]
public enum LagVerdict
{
    /// <summary>The lag was zero within the window, or falls.</summary>
    [JsonStringEnumMemberName("OK")]
    Ok,

    /// <summary>Offsets are committed, but the lag does not fall.</summary>
    [JsonStringEnumMemberName("WARN")]
    Warn,

    /// <summary>A committed offset went backwards within the window.</summary>
    [JsonStringEnumMemberName("REWIND")]
    Rewind,

    /// <summary>The partition has an owner, but its committed offset does not move while records wait.</summary>
    [JsonStringEnumMemberName("STALL")]
    Stall,

    /// <summary>Records wait and nobody can commit: the partition has no owner.</summary>
    [JsonStringEnumMemberName("STOP")]
    Stop,
}
