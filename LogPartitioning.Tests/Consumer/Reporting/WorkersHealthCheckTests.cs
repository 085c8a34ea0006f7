using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reporting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Tests.Consumer.Reporting;

public sealed class WorkersHealthCheckTests
{
    private static readonly TimeSpan s_longest = WorkersHealthCheck.LongestSilence(new ConsumerOptions());

    [Fact]
    public void A_worker_that_drains_and_claims_as_long_as_it_may_is_alive() =>
        Assert.Equal(HealthStatus.Healthy, WorkersHealthCheck.Judge([(0, TimeSpan.Zero), (1, TimeSpan.FromSeconds(25))], s_longest).Status);

    [Fact]
    public void A_worker_that_hangs_is_named_and_has_to_be_restarted()
    {
        var result = WorkersHealthCheck.Judge([(0, TimeSpan.Zero), (2, TimeSpan.FromSeconds(75))], s_longest);

        Assert.Equal((HealthStatus.Unhealthy, "worker 2 has not polled for 75 s"), (result.Status, result.Description));
    }
}
