namespace LogPartitioning.Core.Storage.Retention;

/// <summary>A run that has ended.</summary>
/// <param name="StartedAt">When it started.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="By">Who ran it: an instance, or <c>gateway</c>.</param>
/// <param name="Settings">What it went by.</param>
/// <param name="Freed">What it freed.</param>
/// <param name="Error">Why it did not get to its end; null where it did.</param>
public sealed record RetentionRun(DateTimeOffset StartedAt, DateTimeOffset EndedAt, string By, string Settings, RetentionFreed Freed, string? Error);

/// <summary>What went.</summary>
/// <param name="Days">Days that were dropped.</param>
/// <param name="Events">Events, those of the days too.</param>
/// <param name="Ids">Ids.</param>
/// <param name="Bytes">Bytes, about: what was dropped the disk has again, what was deleted is used again.</param>
public sealed record RetentionFreed(int Days, long Events, long Ids, long Bytes)
{
    /// <summary>This and another item.</summary>
    internal RetentionFreed And(RetentionItem item, long rows, long bytes) => new(
        Days + (item.Kind is RetentionKind.Day ? 1 : 0), Events + (item.IsOfEvents ? rows : 0), Ids + (item.IsOfEvents ? 0 : rows), Bytes + bytes);
}
