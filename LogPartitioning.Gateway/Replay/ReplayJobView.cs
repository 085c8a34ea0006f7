using LogPartitioning.Core.Replay;

namespace LogPartitioning.Gateway.Replay;

/// <summary>A replay as the gateway shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State"><c>running</c>, <c>completed</c>, <c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Partition">What was asked for: a partition's number or <c>all</c>.</param>
/// <param name="From">What was asked for: an offset or a time.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="EndedAt">When it ended; null while it runs.</param>
/// <param name="Done">Share of the offsets that are done, 0 to 1.</param>
/// <param name="Records">Records read.</param>
/// <param name="Stored">Events that the store did not have, and has now.</param>
/// <param name="AlreadyStored">Events that the store had.</param>
/// <param name="Poison">Records that are no events, or not under a key of their source; they were dead-lettered when they were first met, and are not again.</param>
/// <param name="FirstPoison">The first 50 of those.</param>
/// <param name="Partitions">Each partition's progress.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record ReplayJobView(
    Guid Id,
    string State,
    string Partition,
    string From,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    double Done,
    long Records,
    long Stored,
    long AlreadyStored,
    long Poison,
    IReadOnlyList<ReplayPoison> FirstPoison,
    IReadOnlyList<ReplayPartitionProgress> Partitions,
    string? Error)
{
    public static ReplayJobView Of(ReplayJob job)
    {
        var progress = job.Progress;
        var total = progress.Partitions.Sum(p => p.To - p.From);
        var done = progress.Partitions.Sum(p => p.Next - p.From);
        return new ReplayJobView(
            job.Id,
            job.State,
            job.Partition,
            job.From,
            job.StartedAt,
            job.EndedAt,
            total == 0 ? 1 : Math.Round((double)done / total, 4),
            progress.Records,
            progress.Stored,
            progress.AlreadyStored,
            progress.Poison,
            progress.FirstPoison,
            progress.Partitions,
            job.Error);
    }
}

/// <summary>The replays that are kept, newest first.</summary>
/// <param name="Items">At most 20.</param>
internal sealed record ReplayJobList(IReadOnlyList<ReplayJobView> Items);
