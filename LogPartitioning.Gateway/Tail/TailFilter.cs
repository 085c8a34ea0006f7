using LogPartitioning.Core.Events;

namespace LogPartitioning.Gateway.Tail;

/// <summary>Which events a viewer wants to see as they come. All conditions hold together; what is null does not count.</summary>
/// <param name="Source">Events of this source alone.</param>
/// <param name="Level">Events of this level alone.</param>
/// <param name="MinLevel">Events at least this severe.</param>
/// <param name="Contains">Events whose message contains this text, upper and lower case alike.</param>
internal sealed record TailFilter(string? Source, Severity? Level, Severity? MinLevel, string? Contains)
{
    public bool Matches(LogEvent logEvent) =>
        (Source is null || logEvent.Source == Source)
        && (Level is null || logEvent.Level == Level)
        && (MinLevel is null || logEvent.Level >= MinLevel)
        && (Contains is null || logEvent.Message.Contains(Contains, StringComparison.OrdinalIgnoreCase));
}
