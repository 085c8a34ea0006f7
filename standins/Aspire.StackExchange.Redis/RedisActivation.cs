using Microsoft.Extensions.Hosting;
using global::StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>Connects while the host starts, so that the first use does not block a thread.</summary>
internal sealed class RedisActivation(Func<IConnectionMultiplexer> connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        connection();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
