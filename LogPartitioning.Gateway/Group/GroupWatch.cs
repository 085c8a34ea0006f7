using LogPartitioning.Core;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Group;

/// <summary>Keeps the live view of the group: one reading of Redis a publish interval, however many ask the gateway.</summary>
internal sealed class GroupWatch(
    GroupStateStore store,
    UnownedPartitions unowned,
    RedisLease export,
    LagMonitor lag,
    IOptions<KafkaOptions> kafka,
    GroupStateOptions options,
    TimeProvider time,
    ILogger<GroupWatch> logger) : BackgroundService
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(2);

    private readonly SteadyLoop _loop = new("Reading the group's live state", time, logger);
    private readonly SilentInstances _silent = new();
    private volatile GroupView? _current;

    /// <summary>The last reading; null before the first.</summary>
    public GroupView? Current => _current;

    /// <summary>The last reading, or a first one.</summary>
    public async ValueTask<GroupView> ReadAsync(CancellationToken cancellationToken)
    {
        if (_current is { } current)
        {
            return current;
        }

        var first = await store.ReadAsync(kafka.Value.Group, cancellationToken);
        return _current ?? first;
    }

    /// <summary>Workers that an instance runs: the most of any live instance; null when none is seen.</summary>
    public int? WorkersPerInstance => _current is { Instances: { Count: > 0 } instances }
        ? instances.Max(instance => instance.Workers.Count)
        : null;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var timeout = new CancellationTokenSource(ReleaseTimeout, time);
        try
        {
            await export.ReleaseAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // It ends by itself.
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _loop.EveryAsync(options.PublishInterval, ObserveAsync, stoppingToken);

    private async Task ObserveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = await store.ReadAsync(kafka.Value.Group, cancellationToken);
            var view = _silent.Judge(read, lag.Current, time.GetUtcNow());
            _current = view;
            await export.HoldAsync(cancellationToken);
            unowned.Observe(view, lag.Current, time.GetUtcNow());
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // What was seen before this may no longer be so.
            _current = new(false, "the group's live state cannot be read; the gateway's log says why", []);
            throw;
        }
    }
}
