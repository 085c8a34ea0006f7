using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core;
using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Consumer.Reporting;

/// <summary>Publishes the instance's state and its rebalances, once a second. Without Redis nothing else suffers.</summary>
internal sealed class StatePublisher(
    InstanceView view,
    InstancePublisher publisher,
    RebalanceLog rebalances,
    GroupStateOptions options,
    WorkerServices services,
    TimeProvider time,
    ILogger<StatePublisher> log) : BackgroundService
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FinalPublishTimeout = TimeSpan.FromSeconds(2);

    private readonly SteadyLoop _loop = new("Publishing the instance's state", time, log);
    private readonly Queue<(long At, long Events)> _samples = new();

    /// <summary>Events stored a second, over the last few seconds.</summary>
    public double EventsPerSecond { get; private set; }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _loop.EveryAsync(
            options.PublishInterval,
            token =>
            {
                Measure();
                return PublishAsync(token);
            },
            stoppingToken);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(FinalPublishTimeout, time);
        try
        {
            await rebalances.FlushAsync(timeout.Token);
            await publisher.RemoveAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // The state expires by itself.
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (await publisher.PublishAsync(view.Describe(EventsPerSecond), cancellationToken) is { } problem)
        {
            services.Stores.Fails(StoreStates.Redis, problem);
            return;
        }

        services.Stores.Answers(StoreStates.Redis);
        await rebalances.FlushAsync(cancellationToken);
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
