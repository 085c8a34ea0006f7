using LogPartitioning.Core.Events;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>What would go now.</summary>
/// <param name="At">When that was asked.</param>
/// <param name="EventsBefore">Events of days before this one go.</param>
/// <param name="IdsStoredBefore">Ids that were stored on days before this one go.</param>
/// <param name="Days">The days that there are, the oldest first.</param>
/// <param name="Items">What goes, in the order in which it does.</param>
public sealed record RetentionPlan(DateTimeOffset At, DateOnly EventsBefore, DateOnly IdsStoredBefore, IReadOnlyList<LogDay> Days, IReadOnlyList<RetentionItem> Items);

/// <summary>One thing that goes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Day">Of which day; null for what lies beside the days.</param>
/// <param name="Level">Of which level; null for all.</param>
/// <param name="Before">Days before this one go.</param>
/// <param name="Rows">How many events or ids.</param>
/// <param name="Bytes">How many bytes, about.</param>
public sealed record RetentionItem(RetentionKind Kind, DateOnly? Day, Severity? Level, DateOnly Before, long Rows, long Bytes)
{
    /// <summary>Whether the rows are events; else they are ids.</summary>
    public bool IsOfEvents => Kind is RetentionKind.Day or RetentionKind.Events;
}

/// <summary>How something goes.</summary>
public enum RetentionKind
{
    /// <summary>A day with its events and counts: dropped at once, and the disk has its room again.</summary>
    Day,

    /// <summary>Events, of a level or beside the days: deleted, and their room used again.</summary>
    Events,

    /// <summary>The ids that name a day: dropped at once.</summary>
    IdsOfDay,

    /// <summary>Ids that name no day: deleted.</summary>
    Ids,
}
