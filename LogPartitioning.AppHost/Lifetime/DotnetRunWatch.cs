using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Ends the application when the <c>dotnet run</c> that started it was killed: nobody else would.</summary>
/// <remarks>Linux only. Any other parent may go: a shell that was closed has left the application running on purpose.</remarks>
internal sealed partial class DotnetRunWatch(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DotnetRunWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Watches until the application stops.</summary>
    public async Task RunAsync()
    {
        if (Parent() is not { } parent || !IsDotnetRun(parent))
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            while (await timer.WaitForNextTickAsync(lifetime.ApplicationStopping))
            {
                if (Parent() != parent)
                {
                    LogGone(parent);
                    lifetime.StopApplication();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The application stops.
        }
    }

    private static int? Parent()
    {
        try
        {
            return File.ReadLines("/proc/self/status")
                .Where(line => line.StartsWith("PPid:", StringComparison.Ordinal))
                .Select(line => (int?)int.Parse(line["PPid:".Length..], CultureInfo.InvariantCulture))
                .FirstOrDefault();
        }
        catch (IOException)
        {
            return null; // not Linux
        }
    }

    private static bool IsDotnetRun(int process)
    {
        try
        {
            var command = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cmdline")).Split('\0');
            return command.Length > 1 && Path.GetFileName(command[0]) == "dotnet" && command.Contains("run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The dotnet run that started this (process {Parent}) is gone: stopping.")]
    private partial void LogGone(int parent);
}

/// <summary>Adds <see cref="DotnetRunWatch"/>.</summary>
internal static class DotnetRunWatchExtensions
{
    /// <summary>Begins to watch when the application starts.</summary>
    public static void StopWithDotnetRun(this IDistributedApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton<DotnetRunWatch>();
        builder.OnBeforeStart((start, cancellationToken) =>
        {
            var watch = start.Services.GetRequiredService<DotnetRunWatch>();
            _ = Task.Run(watch.RunAsync, cancellationToken);
            return Task.CompletedTask;
        });
    }
}
