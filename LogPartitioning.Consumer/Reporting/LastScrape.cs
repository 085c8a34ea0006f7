namespace LogPartitioning.Consumer.Reporting;

/// <summary>
/// Keeps an instance that has drained up until Prometheus has fetched its last counts: what it stored after the scrape
/// before would otherwise be in no sum over the instances. Where nothing scrapes, or the next scrape is too far away,
/// nothing waits.
/// </summary>
internal sealed class LastScrape(ConsumerOptions options, TimeProvider time, ILogger<LastScrape> log) : IHostedLifecycleService, IStartupFilter
{
    /// <summary>Sent with every scrape of Prometheus; a person who looks at <c>/metrics</c> sends none.</summary>
    public const string ScrapeHeader = "X-Prometheus-Scrape-Timeout-Seconds";

    /// <summary>How much later than due a scrape may come: it is on its way, or the machine is busy.</summary>
    private static readonly TimeSpan LateScrape = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset? _last;
    private TimeSpan? _interval;
    private bool _waiting;

    /// <summary>Watches the scrapes go by.</summary>
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(ObserveAsync);
        next(app);
    };

    /// <summary>Passes a request on, and remembers it where it is a scrape.</summary>
    internal async Task ObserveAsync(HttpContext context, RequestDelegate next)
    {
        if (!context.Request.Headers.ContainsKey(ScrapeHeader))
        {
            await next(context);
            return;
        }

        bool isLast;
        var now = time.GetUtcNow();
        (DateTimeOffset? Last, TimeSpan? Interval) before;
        lock (_lock)
        {
            before = (_last, _interval);
            _interval = now - _last;
            _last = now;
            // One that began before the drain's end may lack the last batch.
            isLast = _waiting;
        }
        await next(context);
        if (context.Response.StatusCode != StatusCodes.Status200OK)
        {
            // Whoever is not let in has fetched nothing.
            lock (_lock)
            {
                if (_last == now)
                {
                    (_last, _interval) = before;
                }
            }
            return;
        }
        if (isLast)
        {
            _fetched.TrySetResult();
        }
    }

    /// <summary>Waits for the scrape that is due. The workers, registered later, have stopped by now.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        TimeSpan due;
        lock (_lock)
        {
            if (_last is not { } last || _interval is not { } interval)
            {
                return;
            }
            due = last + interval + LateScrape - time.GetUtcNow();
            _waiting = true;
        }
        if (due <= TimeSpan.Zero || due > options.LastScrapeWait)
        {
            return;
        }

        try
        {
            await _fetched.Task.WaitAsync(due, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            log.NotScraped(due.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
