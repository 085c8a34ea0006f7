using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.ServiceDefaults;

public sealed class CheckedStartTests
{
    [Theory]
    [InlineData(true, CheckedStart.FailedServiceExitCode)]
    [InlineData(false, 0)]
    public async Task A_background_service_that_failed_shows_in_the_exit_code(bool fails, int exitCode)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHostedService(services => new Ending(services.GetRequiredService<IHostApplicationLifetime>(), fails));
        var app = builder.Build();

        Assert.Equal(exitCode, await Task.Run(app.RunChecked).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    private sealed class Ending(IHostApplicationLifetime lifetime, bool fails) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            var started = new TaskCompletionSource();
            await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
            await started.Task.WaitAsync(stoppingToken);
            if (fails)
            {
                throw new InvalidOperationException("on purpose");
            }

            lifetime.StopApplication();
        }
    }
}
