using LogPartitioning.ServiceDefaults.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>What sending own logs needs of a service that itself needs loggers, which in turn need what sends them: it comes when the service starts.</summary>
internal sealed class OwnLogsLink
{
    private volatile Started? _started;

    /// <summary>It; null before the start.</summary>
    public Started? Now => _started;

    /// <summary>Links the two.</summary>
    public void Set(Started started) => _started = started;

    /// <summary>Of a service that has started.</summary>
    /// <param name="Key">The key that it shows.</param>
    /// <param name="Logger">For what is to be said of own logs.</param>
    /// <param name="Stopping">Whether it stops.</param>
    internal sealed record Started(ServiceKey Key, ILogger Logger, CancellationToken Stopping);
}

/// <summary>Links them at the start.</summary>
internal sealed class OwnLogsLinking(OwnLogsLink link, ServiceKey key, IHostApplicationLifetime lifetime, ILogger<OwnLogsLink> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        link.Set(new(key, logger, lifetime.ApplicationStopping));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
