using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Group;

/// <summary>Keeps the live view of the group: one reading of Redis a publish interval, however many ask the gateway.</summary>
internal sealed class GroupWatch(
    GroupStateStore store,
    UnownedPartitions unowned,
    LagMonitor lag,
    IOptions<KafkaOptions> kafka,
    GroupStateOptions options,
    TimeProvider time) : BackgroundService
{
    private volatile GroupView? _current;

    /// <summary>The last reading; null before the first.</summary>
    public GroupView? Current => _current;

    /// <summary>The last reading, or a first one.</summary>
    public async ValueTask<GroupView> ReadAsync(CancellationToken cancellationToken) =>
        _current ??= await store.ReadAsync(kafka.Value.Group, cancellationToken);

    /// <summary>Workers that an instance runs: the most of any live instance; null when none is seen.</summary>
    public int? WorkersPerInstance => _current is { Instances: { Count: > 0 } instances }
        ? instances.Max(instance => instance.Workers.Count)
        : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.PublishInterval, time);
        do
        {
            var view = await store.ReadAsync(kafka.Value.Group, stoppingToken);
            _current = view;
            unowned.Observe(view, lag.Current, time.GetUtcNow());
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
