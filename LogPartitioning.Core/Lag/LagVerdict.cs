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

    /// <summary>The position moves, but the lag does not fall; or an operator has paused the partition.</summary>
    [JsonStringEnumMemberName("WARN")]
    Warn,

    /// <summary>The position went backwards within the window.</summary>
    [JsonStringEnumMemberName("REWIND")]
    Rewind,

    /// <summary>The partition has an owner, but its position does not move while records wait.</summary>
    [JsonStringEnumMemberName("STALL")]
    Stall,

    /// <summary>Nobody reads: records wait and the partition has no owner, or it is halted until an operator decides.</summary>
    [JsonStringEnumMemberName("STOP")]
    Stop,
}
