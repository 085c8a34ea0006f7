using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.ServiceDefaults;

/// <summary>
/// What the checks say, looked at no more often than once a second, however many ask: each look goes to brokers and databases, and
/// a probe is open to everybody.
/// </summary>
internal sealed class ProbedHealth(HealthCheckService checks, Func<HealthCheckRegistration, bool> which)
{
    private static readonly TimeSpan s_maxAge = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();
    private Task<HealthReport>? _look;
    private long _finished;

    public Task<HealthReport> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_look is null || (_look.IsCompleted && (!_look.IsCompletedSuccessfully || Stopwatch.GetElapsedTime(Volatile.Read(ref _finished)) >= s_maxAge)))
            {
                _look = LookAsync();
            }

            return _look.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Nobody's in particular: who asked first may go, and the others still wait for it. Each check bounds its own time.</summary>
    private async Task<HealthReport> LookAsync()
    {
        var report = await checks.CheckHealthAsync(which, CancellationToken.None);
        Volatile.Write(ref _finished, Stopwatch.GetTimestamp());
        return report;
    }
}
