using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Gateway.Reporting;

/// <summary>Runs the lag monitor, and hands each report to what follows from it.</summary>
internal sealed class LagWatch(LagMonitor monitor, ArrivalWindow arrivals, ScalingState scaling, GatewayMetrics metrics) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Start();
        monitor.Reported += arrivals.Add;
        monitor.Reported += scaling.Update;
        await monitor.RunAsync(stoppingToken);
    }
}
