using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Ends the application when the <c>dotnet run</c> that started it was killed: nothing else would.</summary>
/// <remarks>Linux only. The end of any other parent means nothing: a shell may be closed on purpose while the application runs.</remarks>
internal sealed partial class DotnetRunWatch(IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DotnetRunWatch> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    /// <summary>Watches until the application stops.</summary>
    public async Task RunAsync()
    {
        if (ParentOf(Environment.ProcessId) is not { } parent || !IsDotnetRun(parent))
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            while (await timer.WaitForNextTickAsync(lifetime.ApplicationStopping))
            {
                if (ParentOf(Environment.ProcessId) != parent)
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

    /// <summary>The process that started this one, or that adopted it; null where there is no <c>/proc</c>.</summary>
    internal static int? ParentOf(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status")
                .Where(line => line.StartsWith("PPid:", StringComparison.Ordinal))
                .Select(line => (int?)int.Parse(line["PPid:".Length..], CultureInfo.InvariantCulture))
                .FirstOrDefault();
        }
        catch (IOException)
        {
            return null; // not Linux
        }
    }

    /// <summary>Whether a process is <c>dotnet run</c>.</summary>
    internal static bool IsDotnetRun(int process)
    {
        try
        {
            var command = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            return command.Length > 1 && Path.GetFileName(command[0]) == "dotnet" && command.Contains("run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The dotnet run that started this (process {Parent}) has ended: stopping.")]
    private partial void LogGone(int parent);
}
