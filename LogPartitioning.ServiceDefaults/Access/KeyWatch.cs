using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>Takes changed keys over while the service runs.</summary>
/// <remarks>It reads again instead of watching: a mounted file changes by a link, which file watchers miss, and their number is limited.</remarks>
internal sealed partial class KeyWatch(KeyRing ring, IOptionsMonitor<ApiKeyOptions> options, TimeProvider time, ILogger<KeyWatch> logger) : BackgroundService
{
    /// <summary>How long a change may go unseen.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private string _problems = "";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Read();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private void Read()
    {
        var problems = "";
        try
        {
            var current = options.CurrentValue;
            var read = ConfiguredKeys.Read(current);
            problems = string.Join(' ', read.Problems);
            if (read.Problems.Count == 0 && ring.Replace(read.Keys, current.HasKeys))
            {
                LogChanged(logger, string.Join(", ", read.Keys.Select(key => key.Name)));
            }
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidOperationException)
        {
            problems = e.Message;
        }

        // Once for each state, not every two seconds.
        if (problems.Length > 0 && problems != _problems)
        {
            LogUnusable(logger, problems);
        }

        _problems = problems;
    }

    [LoggerMessage(7011, LogLevel.Information, "The keys have changed. Let in are: {Names}")]
    private static partial void LogChanged(ILogger logger, string names);

    [LoggerMessage(7012, LogLevel.Error, "The keys have changed and cannot be used; those before stay in force, also one that was taken out. {Problems}")]
    private static partial void LogUnusable(ILogger logger, string problems);
}
