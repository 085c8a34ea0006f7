namespace LogPartitioning.AppHost.Settings;

/// <summary>Where the brokers, PostgreSQL, Redis, Prometheus and Grafana come from.</summary>
internal enum InfrastructureMode
{
    /// <summary><see cref="Containers"/> if a container runtime answers, else <see cref="Processes"/>.</summary>
    Auto,

    /// <summary>Containers started by the AppHost.</summary>
    Containers,

    /// <summary>Servers installed on this machine, started by the AppHost on loopback.</summary>
    Processes,

    /// <summary>The user's own clusters, named by three connection strings.</summary>
    External,
}
