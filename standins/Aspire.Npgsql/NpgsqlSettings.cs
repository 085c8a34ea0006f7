namespace Aspire.Npgsql;

/// <summary>How to connect to PostgreSQL; section <c>Aspire:Npgsql[:name]</c>.</summary>
public class NpgsqlSettings
{
    /// <summary>The connection string.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves the metrics out.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Leaves the tracing out.</summary>
    public bool DisableTracing { get; set; }
}
