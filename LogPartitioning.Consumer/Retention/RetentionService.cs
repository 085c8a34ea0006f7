using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core;
using LogPartitioning.Core.Storage.Retention;
using Npgsql;

namespace LogPartitioning.Consumer.Retention;

/// <summary>Makes the days ahead, and drops what is old: at the start and every hour. One instance at a time drops, and the others leave it to that one.</summary>
internal sealed class RetentionService(
    LogRetention retention,
    DaysAhead days,
    NpgsqlDataSource database,
    ConsumerInstance instance,
    ConsumerOptions options,
    TimeProvider time,
    ILogger<RetentionService> log) : BackgroundService
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    // What another instance has done a moment ago need not be done again.
    private static readonly TimeSpan s_recent = TimeSpan.FromMinutes(45);

    // What keeps a day from going is there for long, and each failed run takes the place of an earlier one in the table of runs.
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(30);

    // Locks go soon; a day that was detached stays so.
    private static readonly TimeSpan s_firstWaitAhead = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWaitAhead = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await instance.Ready.WaitAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }

        // Instances that start together would ask together every hour.
        var interval = s_hour * (0.9 + 0.2 * Random.Shared.NextDouble());
        await Task.WhenAll(
            new SteadyLoop("Making the days ahead", time, log, new(s_firstWaitAhead, s_longestWaitAhead)).EveryAsync(interval, days.MakeAsync, stoppingToken),
            new SteadyLoop("Retention", time, log, new(s_firstWait, s_longestWait)).EveryAsync(interval, DropAsync, stoppingToken));
    }

    private async Task DropAsync(CancellationToken cancellationToken)
    {
        if (await RetentionTurn.TryTakeAsync(database, cancellationToken) is not { } turn)
        {
            return;
        }

        await using (turn)
        {
            if (!await retention.HasRunWithinAsync(s_recent, cancellationToken)
                && (await retention.RunAsync(turn, options.Instance, cancellationToken)).Error is { } error)
            {
                throw new InvalidOperationException($"Not all that is old could be dropped: {error}.");
            }
        }
    }
}
