using LogPartitioning.Core;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Gateway.Reporting;

/// <summary>Runs the lag monitor, and hands each report to what follows from it.</summary>
internal sealed class LagWatch(
    LagMonitor monitor, ArrivalWindow arrivals, GroupHistory history, ScalingState scaling, GatewayMetrics metrics, TimeProvider time, ILogger<LagWatch> logger) : BackgroundService
{
    private readonly SteadyLoop _loop = new("Reading the lag", time, logger);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Start();
        monitor.Reported += arrivals.Add;
        monitor.Reported += history.Add;
        monitor.Reported += scaling.Update;
        await _loop.UntilDoneAsync(monitor.RunAsync, stoppingToken);
    }
}
