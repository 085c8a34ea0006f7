using LogPartitioning.AppHost.Prometheus;

namespace LogPartitioning.Tests.AppHost.Prometheus;

public sealed class ScrapedServicesTests
{
    [Theory]
    // was a target, state, stop intended, is a target
    [InlineData(false, "NotStarted", false, false)]
    [InlineData(false, "Running", false, true)]
    [InlineData(true, "Waiting", false, true)]
    [InlineData(true, "Finished", false, true)]
    [InlineData(true, "Running", true, true)]
    [InlineData(true, "Finished", true, false)]
    [InlineData(false, "Finished", true, false)]
    [InlineData(false, "Starting", false, false)]
    public void A_service_is_scraped_while_it_is_meant_to_run(bool was, string state, bool intended, bool isTarget) =>
        Assert.Equal(isTarget, ScrapedServices.IsTarget(was, state, intended));
}
