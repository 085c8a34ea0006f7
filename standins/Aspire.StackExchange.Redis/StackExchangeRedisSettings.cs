namespace Aspire.StackExchange.Redis;

/// <summary>How to connect to Redis; section <c>Aspire:StackExchange:Redis[:name]</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>The endpoints and options, separated by commas.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Connects at first use (true, the default), not at start.</summary>
    public bool DisableAutoActivation { get; set; } = true;

    /// <summary>Leaves the health check out.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves the tracing out.</summary>
    public bool DisableTracing { get; set; }
}
