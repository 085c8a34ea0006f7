using System.Text.Json;
using LogPartitioning.Core;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using Npgsql;

namespace LogPartitioning.Gateway.Audit;

/// <summary>Sends an event of its own like any client now and then, and measures how long it takes until it can be read.</summary>
internal sealed class Canary(ProducerClient producer, LogQuery logs, AuditOptions options, AuditMetrics metrics, TimeProvider time, ILogger<Canary> logger) : BackgroundService
{
    /// <summary>The source of its events.</summary>
    public const string Source = "logpartitioning.canary";

    private const int Kept = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(250);

    private readonly SteadyLoop _loop = new("Sending the canary", time, logger);
    private readonly Lock _lock = new();
    private readonly Queue<CanaryTrip> _trips = new();

    /// <summary>The last round trips, oldest first.</summary>
    public IReadOnlyList<CanaryTrip> Trips
    {
        get
        {
            lock (_lock)
            {
                return [.. _trips];
            }
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        options.CanaryInterval == TimeSpan.Zero ? Task.CompletedTask : _loop.EveryAsync(options.CanaryInterval, SendAsync, stoppingToken);

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        var (sent, began) = (time.GetUtcNow(), time.GetTimestamp());
        string? problem;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_patience);
        try
        {
            problem = await RoundTripAsync(Guid.CreateVersion7(sent), sent, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            problem = $"It could not be read within {s_patience.TotalSeconds:0} s.";
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            problem = "The log store does not answer.";
        }

        var taken = problem is null ? time.GetElapsedTime(began) : (TimeSpan?)null;
        metrics.Returned(taken);
        lock (_lock)
        {
            _trips.Enqueue(new(sent, taken is { } tripTime ? Math.Round(tripTime.TotalMilliseconds) : null, problem));
            while (_trips.Count > Kept)
            {
                _trips.Dequeue();
            }
        }
    }

    /// <returns>Why it did not come back; null when it did.</returns>
    private async Task<string?> RoundTripAsync(Guid id, DateTimeOffset sent, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { id, source = Source, level = nameof(Severity.Trace), message = "round trip", timestamp = sent });
        using (var answer = await producer.PostUntilAnsweredAsync("/api/logs", body, "application/json", cancellationToken))
        {
            if (answer is not { IsSuccessStatusCode: true })
            {
                return answer is null ? "The producer does not answer." : $"The producer answered {(int)answer.StatusCode}.";
            }
        }

        var filter = new LogFilter { Source = Source, From = sent.AddMilliseconds(-1), To = sent.AddMilliseconds(1), Limit = 10 };
        var wait = s_firstWait;
        while ((await logs.RunAsync(filter, cancellationToken)).Items.All(item => item.Event.Id != id))
        {
            await Task.Delay(wait, time, cancellationToken);
            wait = wait * 1.5 < s_longestWait ? wait * 1.5 : s_longestWait;
        }

        return null;
    }
}

/// <summary>A round trip: from sending an event to reading it.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="Ms">How long it took, in milliseconds; null when it did not come back.</param>
/// <param name="Problem">Why not; null when it did.</param>
internal sealed record CanaryTrip(DateTimeOffset At, double? Ms, string? Problem);
