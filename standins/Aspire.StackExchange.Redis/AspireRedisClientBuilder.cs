using Microsoft.Extensions.Hosting;

namespace Aspire.StackExchange.Redis;

/// <summary>What a further registration on the same client needs to know.</summary>
/// <param name="hostBuilder">The host's builder.</param>
/// <param name="settings">The settings of the client.</param>
/// <param name="serviceKey">The key of the client, or null.</param>
public sealed class AspireRedisClientBuilder(IHostApplicationBuilder hostBuilder, StackExchangeRedisSettings settings, string? serviceKey)
{
    /// <summary>The host's builder.</summary>
    public IHostApplicationBuilder HostBuilder { get; } = hostBuilder;

    /// <summary>The settings of the client.</summary>
    public StackExchangeRedisSettings Settings { get; } = settings;

    /// <summary>The key of the client, or null.</summary>
    public string? ServiceKey { get; } = serviceKey;
}
