using LogPartitioning.AppHost.Restarts;

namespace LogPartitioning.Tests.AppHost.Restarts;

public sealed class RestartBackoffTests
{
    private readonly RestartBackoff _backoff = new();

    [Fact]
    public void The_delay_doubles_up_to_30_seconds() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => _backoff.Next(TimeSpan.FromSeconds(3)).TotalSeconds));

    [Fact]
    public void A_service_that_ran_well_starts_over_at_one_second()
    {
        for (var crash = 0; crash < 5; crash++)
        {
            _backoff.Next(TimeSpan.Zero);
        }

        Assert.Equal(1, _backoff.Next(RestartBackoff.ResetAfter).TotalSeconds);
        Assert.Equal(2, _backoff.Next(TimeSpan.Zero).TotalSeconds);
    }
}
