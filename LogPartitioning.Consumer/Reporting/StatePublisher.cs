using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>Publishes the instance's state and its rebalances, once a second. Without Redis nothing else suffers.</summary>
internal sealed class StatePublisher(
    InstanceView view,
    GroupStateStore store,
    RebalanceLog rebalances,
    GroupStateOptions options,
    WorkerServices services,
    TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FinalPublishTimeout = TimeSpan.FromSeconds(2);

    private readonly Queue<(long At, long Events)> _samples = new();

    /// <summary>Events stored a second, over the last few seconds.</summary>
    public double EventsPerSecond { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(options.PublishInterval, time);
            do
            {
                Measure();
                await PublishAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops; StopAsync publishes for the last time.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(FinalPublishTimeout, time);
        try
        {
            await rebalances.FlushAsync(timeout.Token);
            await store.RemoveAsync(services.Options.Instance, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The state expires by itself.
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (await store.PublishAsync(view.Describe(EventsPerSecond), cancellationToken))
        {
            services.Stores.Answers(StoreStates.Redis);
            await rebalances.FlushAsync(cancellationToken);
        }
        else
        {
            services.Stores.Fails(StoreStates.Redis, "does not answer");
        }
    }

    private void Measure()
    {
        _samples.Enqueue((time.GetTimestamp(), services.Metrics.ProcessedByPartition.Values.Sum()));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At) > RateWindow)
        {
            _samples.Dequeue();
        }
        var (first, last) = (_samples.Peek(), _samples.Last());
        var seconds = time.GetElapsedTime(first.At, last.At).TotalSeconds;
        EventsPerSecond = seconds > 0 ? (last.Events - first.Events) / seconds : 0;
    }
}
