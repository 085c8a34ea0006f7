using System.Text.Json;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Group;

namespace LogPartitioning.Gateway.Scaling;

/// <summary>The advice that stands, and what happens when it changes: an entry in the history, a log line, an event in Redis.</summary>
internal sealed partial class ScalingState(
    ScalingAdvisor advisor,
    ScalingHistory history,
    GroupWatch group,
    GroupStateStore store,
    IHostApplicationLifetime lifetime,
    ILogger<ScalingState> logger)
{
    private volatile ScalingAdvice? _current;

    /// <summary>The advice; null before the lag was first read.</summary>
    public ScalingAdvice? Current => _current;

    /// <summary>Advises anew. Called by the lag monitor alone, one report after the other.</summary>
    public void Update(LagReport report)
    {
        var advice = advisor.Advise(report, group.WorkersPerInstance);
        _current = advice;
        if (history.Record(advice) is not { } change)
        {
            return;
        }

        LogChange(logger, change.From, change.To, change.Current, string.Join("; ", change.Reasons));
        _ = PublishAsync(change);
    }

    private async Task PublishAsync(ScalingChange change)
    {
        try
        {
            await store.PublishEventAsync("scaling", JsonSerializer.Serialize(change, JsonSerializerOptions.Web), lifetime.ApplicationStopping);
        }
        catch (OperationCanceledException)
        {
            // The gateway stops; whoever listens hears of the advice from the next one.
        }
    }

    [LoggerMessage(4030, LogLevel.Information, "The advice went from {From} to {To} consumers, {Current} are there: {Reasons}")]
    private static partial void LogChange(ILogger logger, int? from, int to, int current, string reasons);
}
