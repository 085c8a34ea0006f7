using LogPartitioning.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Tests.ServiceDefaults;

public sealed class ProbedHealthTests
{
    private int _looks;

    [Fact]
    public async Task However_many_ask_at_once_it_is_looked_at_once()
    {
        var answer = new TaskCompletionSource<HealthCheckResult>();
        var health = Probed(() => answer.Task);
        var asked = Enumerable.Range(0, 100).Select(_ => health.ReadAsync(CancellationToken.None)).ToList();
        answer.SetResult(HealthCheckResult.Degraded());
        Assert.All(await Task.WhenAll(asked), report => Assert.Equal(HealthStatus.Degraded, report.Status));
        Assert.Equal(1, _looks);
    }

    [Fact]
    public async Task What_is_older_than_a_second_is_looked_at_again()
    {
        var now = HealthStatus.Healthy;
        var health = Probed(() => Task.FromResult(new HealthCheckResult(now)));
        Assert.Equal(HealthStatus.Healthy, (await health.ReadAsync(CancellationToken.None)).Status);
        now = HealthStatus.Unhealthy;
        await Eventually.SeesAsync(
            "the new state", async token => (await health.ReadAsync(token)).Status, status => status == HealthStatus.Unhealthy, TimeSpan.FromSeconds(10));
        Assert.InRange(_looks, 2, 3);
    }

    [Fact]
    public async Task Who_asked_first_may_go_and_the_others_get_their_answer()
    {
        var answer = new TaskCompletionSource<HealthCheckResult>();
        var health = Probed(() => answer.Task);
        using var gone = new CancellationTokenSource();
        var first = health.ReadAsync(gone.Token);
        var second = health.ReadAsync(CancellationToken.None);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(HealthCheckResult.Healthy());
        Assert.Equal(HealthStatus.Healthy, (await second).Status);
    }

    private ProbedHealth Probed(Func<Task<HealthCheckResult>> check)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddHealthChecks().AddAsyncCheck("checked", () =>
        {
            Interlocked.Increment(ref _looks);
            return check();
        });
        return new(services.BuildServiceProvider().GetRequiredService<HealthCheckService>(), _ => true);
    }
}
