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
            new SteadyLoop("Making the days ahead", time, log).EveryAsync(interval, days.MakeAsync, stoppingToken),
            new SteadyLoop("Retention", time, log).EveryAsync(interval, DropAsync, stoppingToken));
    }

    private async Task DropAsync(CancellationToken cancellationToken)
    {
        if (await RetentionTurn.TryTakeAsync(database, cancellationToken) is not { } turn)
        {
            return;
        }

        await using (turn)
        {
            if (!await retention.HasRunWithinAsync(s_recent, cancellationToken))
            {
                await retention.RunAsync(turn, options.Instance, cancellationToken);
            }
        }
    }
}
