using System.Text.Json;
using LogPartitioning.Core;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using Npgsql;

namespace LogPartitioning.Gateway.Audit;

/// <summary>Sends an event of its own like any client now and then, and measures how long it takes until it can be read.</summary>
internal sealed class Canary(ProducerClient producer, LogQuery logs, AuditOptions options, TimeProvider time, ILogger<Canary> logger) : BackgroundService
{
    /// <summary>The source of its events.</summary>
    public const string Source = "logpartitioning.canary";

    private const int Kept = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

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

        lock (_lock)
        {
            _trips.Enqueue(new(sent, problem is null ? Math.Round(time.GetElapsedTime(began).TotalMilliseconds) : null, problem));
            while (_trips.Count > Kept)
            {
                _trips.Dequeue();
            }
        }
    }

    /// <returns>Why it did not come back; null when it did.</returns>
    private async Task<string?> RoundTripAsync(Guid id, DateTimeOffset sent, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { id, source = Source, level = nameof(Severity.Trace), message = "round trip" });
        using (var answer = await producer.PostUntilAnsweredAsync("/api/logs", body, "application/json", cancellationToken))
        {
            if (answer is not { IsSuccessStatusCode: true })
            {
                return answer is null ? "The producer does not answer." : $"The producer answered {(int)answer.StatusCode}.";
            }
        }

        var filter = new LogFilter { Source = Source, From = sent.AddMinutes(-1), Order = LogOrder.Newest, Limit = 10 };
        while ((await logs.RunAsync(filter, cancellationToken)).Items.All(item => item.Event.Id != id))
        {
            await Task.Delay(s_look, time, cancellationToken);
        }

        return null;
    }
}

/// <summary>A round trip: from sending an event to reading it.</summary>
/// <param name="At">When it was sent.</param>
/// <param name="Ms">How long it took, in milliseconds; null when it did not come back.</param>
/// <param name="Problem">Why not; null when it did.</param>
internal sealed record CanaryTrip(DateTimeOffset At, double? Ms, string? Problem);
