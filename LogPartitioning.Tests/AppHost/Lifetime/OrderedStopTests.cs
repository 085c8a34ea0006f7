using Aspire.Hosting;
using LogPartitioning.AppHost.Lifetime;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.AppHost.Lifetime;

public sealed class OrderedStopTests
{
    [Fact]
    public async Task Who_stops_a_second_time_gets_the_same_stop_even_when_all_is_disposed_of()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            DisableDashboard = true,
            AssemblyName = typeof(Projects.LogPartitioning_AppHost).Assembly.GetName().Name,
        });
        builder.AddOrderedStop();
        var application = builder.Build();
        var stop = application.Services.GetRequiredService<OrderedStop>();

        var first = stop.StopAsync(CancellationToken.None);
        await first;
        await application.DisposeAsync();

        Assert.Same(first, stop.StopAsync(CancellationToken.None));
    }
}
