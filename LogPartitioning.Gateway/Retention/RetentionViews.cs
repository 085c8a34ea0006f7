using LogPartitioning.Core.Storage;
using LogPartitioning.Core.Storage.Retention;

namespace LogPartitioning.Gateway.Retention;

/// <summary>How long events are kept, what would go now, what there is, and what went.</summary>
/// <param name="Settings">What retention goes by.</param>
/// <param name="Running">Whether a run is going on.</param>
/// <param name="Plan">What a run would drop now.</param>
/// <param name="Days">The days that there are, the oldest first.</param>
/// <param name="Runs">The last runs, newest first, at most 100.</param>
internal sealed record RetentionView(
    RetentionSettings Settings, bool Running, RetentionPlanView Plan, IReadOnlyList<LogDay> Days, IReadOnlyList<RetentionRunView> Runs)
{
    public static RetentionView Of(StoreOptions options, bool running, RetentionPlan plan, IReadOnlyList<RetentionRun> runs) => new(
        new(options.RetentionDays, options.ShorterLevels().ToDictionary(shorter => shorter.Level.ToString(), shorter => shorter.Days), options.IdWindowDays, options.MaxTimestampLead),
        running,
        RetentionPlanView.Of(plan),
        plan.Days,
        [.. runs.Select(RetentionRunView.Of)]);
}

/// <summary>The settings of section <c>Store</c> that retention goes by.</summary>
/// <param name="RetentionDays">Days that an event is kept.</param>
/// <param name="RetentionDaysByLevel">Days that events of a level are kept, where they are fewer.</param>
/// <param name="IdWindowDays">Days that an id is known.</param>
/// <param name="MaxTimestampLead">How far ahead a timestamp may be.</param>
internal sealed record RetentionSettings(int RetentionDays, IReadOnlyDictionary<string, int> RetentionDaysByLevel, int IdWindowDays, TimeSpan MaxTimestampLead);

/// <summary>What would go.</summary>
/// <param name="At">When that was asked.</param>
/// <param name="EventsBefore">Events of days before this one go.</param>
/// <param name="IdsStoredBefore">Ids that were stored on days before this one go.</param>
/// <param name="Events">How many events in all.</param>
/// <param name="Ids">How many ids in all, about.</param>
/// <param name="Bytes">How many bytes in all, about.</param>
/// <param name="Items">One by one.</param>
internal sealed record RetentionPlanView(
    DateTimeOffset At, DateOnly EventsBefore, DateOnly IdsStoredBefore, long Events, long Ids, long Bytes, IReadOnlyList<RetentionItemView> Items)
{
    public static RetentionPlanView Of(RetentionPlan plan) => new(
        plan.At,
        plan.EventsBefore,
        plan.IdsStoredBefore,
        plan.Items.Where(item => item.IsOfEvents).Sum(item => item.Rows),
        plan.Items.Where(item => !item.IsOfEvents).Sum(item => item.Rows),
        plan.Items.Sum(item => item.Bytes),
        [.. plan.Items.Select(item => new RetentionItemView(Named(item.Kind), item.Day, item.Level?.ToString(), item.Rows, item.Bytes))]);

    private static string Named(RetentionKind kind) => kind switch
    {
        RetentionKind.Day => "day",
        RetentionKind.Events => "events",
        RetentionKind.IdsOfDay => "idsOfDay",
        RetentionKind.Ids => "ids",
        _ => throw new InvalidOperationException($"{kind} has no name."),
    };
}

/// <summary>One thing that would go.</summary>
/// <param name="Kind"><c>day</c> (dropped whole), <c>events</c> (deleted: of a level, or beside the days), <c>idsOfDay</c> (dropped whole) or <c>ids</c> (deleted).</param>
/// <param name="Day">Of which day; null for what lies beside the days.</param>
/// <param name="Level">Of which level; null for all.</param>
/// <param name="Rows">How many events or ids.</param>
/// <param name="Bytes">How many bytes, about.</param>
internal sealed record RetentionItemView(string Kind, DateOnly? Day, string? Level, long Rows, long Bytes);

/// <summary>A run that has ended.</summary>
/// <param name="StartedAt">When it started.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="By">A consumer, or <c>gateway</c>.</param>
/// <param name="Settings">What it went by.</param>
/// <param name="Days">Days that it dropped.</param>
/// <param name="Events">Events that went.</param>
/// <param name="Ids">Ids that went.</param>
/// <param name="Bytes">Bytes that it freed, about.</param>
/// <param name="Error">Why it did not get to its end.</param>
internal sealed record RetentionRunView(
    DateTimeOffset StartedAt, DateTimeOffset EndedAt, string By, string Settings, int Days, long Events, long Ids, long Bytes, string? Error)
{
    public static RetentionRunView Of(RetentionRun run) =>
        new(run.StartedAt, run.EndedAt, run.By, run.Settings, run.Freed.Days, run.Freed.Events, run.Freed.Ids, run.Freed.Bytes, run.Error);
}
