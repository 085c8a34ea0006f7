using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Takes in syslog where the settings say so, from the start of the service to its stop.</summary>
internal sealed class SyslogServer(
    IOptions<SyslogOptions> options,
    Func<SyslogEvents> events,
    BufferBudget budget,
    SyslogDelivery delivery,
    ProducerMetrics metrics,
    SyslogLog log,
    TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>The way in over connections; null where there is none.</summary>
    public SyslogTcp? Tcp { get; private set; }

    /// <summary>The way in by datagrams; null where there is none.</summary>
    public SyslogUdp? Udp { get; private set; }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Both addresses before either is served: a start that fails has taken nothing.
        Tcp = options.Value.TcpAddress is { } tcp ? new(events, budget, delivery.SendAsync, log, time, tcp) : null;
        Udp = options.Value.UdpAddress is { } udp ? new(events(), budget, delivery.SendAsync, metrics, log, time, udp) : null;
        Tcp?.Start();
        Udp?.Start();
        if (Udp is not null)
        {
            metrics.SyslogDropped(SyslogDrop.QueueFull, 0);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Tcp?.StopAsync(cancellationToken) ?? Task.CompletedTask,
        Udp?.StopAsync(cancellationToken) ?? Task.CompletedTask);

    /// <inheritdoc/>
    public void Dispose()
    {
        Tcp?.Dispose();
        Udp?.Dispose();
    }
}
