using LogPartitioning.AppHost.Lifetime;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.AppHost.Lifetime;

public sealed class OrderedStopTests
{
    [Fact]
    public async Task A_second_stop_is_the_same_stop_even_after_everything_is_disposed()
    {
        var builder = EmptyApplication.Builder();
        builder.AddOrderedStop();
        var application = builder.Build();
        var stop = application.Services.GetRequiredService<OrderedStop>();

        var first = stop.StopAsync(CancellationToken.None);
        await first;
        await application.DisposeAsync();

        Assert.Same(first, stop.StopAsync(CancellationToken.None));
    }
}
