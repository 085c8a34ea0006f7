using LogPartitioning.AppHost.Machine;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Servers;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Core.GroupState;

/// <summary>A real Redis that answers, and not as hoped: nothing throws, and the view says what is the matter.</summary>
public sealed class RedisTroubleTests
{
    private const string Group = "log-processors";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly GroupStateOptions _options = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<int> _logged = [];

    private GroupStateStore Store(IConnectionMultiplexer redis) => new(redis, _options, TimeProvider.System, Log<GroupStateStore>());

    private InstancePublisher Publisher(IConnectionMultiplexer redis) => new(redis, _options, TimeProvider.System, Log<InstancePublisher>());

    private RebalanceLog Rebalances(IConnectionMultiplexer redis) => new(Group, redis, _options, TimeProvider.System, Log<RebalanceLog>());

    private LogListener<T> Log<T>() => new((_, id) =>
    {
        lock (_logged)
        {
            _logged.Add(id.Id);
        }
    });

    /// <summary>Reads until the view is live, or is not.</summary>
    private static Task<GroupView> SeesAsync(GroupStateStore store, bool live) => Eventually.SeesAsync(
        $"a view that is {(live ? "" : "not ")}live", token => store.ReadAsync(Group, token), view => view.Live == live, s_patience);

    private async Task<string> RefusalAsync(RedisServer server, Func<Task> trouble, Func<Task> end)
    {
        var redis = await server.ConnectAsync();
        var (store, publisher) = (Store(redis), Publisher(redis));
        Assert.Null(await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None));
        Assert.Equal(["consumer-1"], (await SeesAsync(store, live: true)).Instances.Select(instance => instance.Instance));

        await trouble();
        var view = await SeesAsync(store, live: false);
        Assert.Empty(view.Instances);
        Assert.StartsWith("Redis ", await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None), StringComparison.Ordinal);

        await end();
        await SeesAsync(store, live: true);
        Assert.Null(await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None));
        return view.Reason!;
    }

    [RedisFact]
    public async Task A_full_Redis_takes_no_states_so_nobody_seen_does_not_mean_nobody_there()
    {
        await using var server = await RedisServer.StartAsync("--maxmemory-policy", "noeviction");

        var reason = await RefusalAsync(
            server, () => server.RunAsync("CONFIG", "SET", "maxmemory", "1"), () => server.RunAsync("CONFIG", "SET", "maxmemory", "0"));

        Assert.StartsWith("Redis takes no writes, so the instances cannot publish their states. Redis refuses: OOM", reason, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task A_replica_takes_no_states()
    {
        await using var master = await RedisServer.StartAsync();
        await using var server = await RedisServer.StartAsync();

        var reason = await RefusalAsync(
            server,
            async () =>
            {
                await server.RunAsync("REPLICAOF", "127.0.0.1", $"{master.Port}");
                await server.SeesAsync("master_link_status:up", "INFO", "replication");
            },
            () => server.RunAsync("REPLICAOF", "NO", "ONE"));

        Assert.StartsWith("Redis takes no writes", reason, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Redis_whose_disk_fails_takes_no_states()
    {
        await using var server = await RedisServer.StartAsync();

        var reason = await RefusalAsync(
            server,
            async () =>
            {
                await server.RunAsync("CONFIG", "SET", "save", "3600 1");
                server.TakeFolderAway();
                await server.RunAsync("SET", "changed", "1");
                await server.RunAsync("BGSAVE");
                await server.SeesAsync("rdb_last_bgsave_status:err", "INFO", "persistence");
            },
            () => server.RunAsync("CONFIG", "SET", "stop-writes-on-bgsave-error", "no"));

        Assert.Contains("Redis refuses: MISCONF", reason, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task Redis_that_still_loads_its_data_says_so()
    {
        await using var server = await RedisServer.StartAsync("--enable-debug-command", "yes", "--loading-process-events-interval-bytes", "1024");
        await server.RunAsync("DEBUG", "POPULATE", "3000", "k", "1000");
        await server.RunAsync("CONFIG", "SET", "key-load-delay", "1000");
        var reload = Task.CompletedTask;

        var reason = await RefusalAsync(
            server,
            () =>
            {
                reload = server.RunAsync("DEBUG", "RELOAD");
                return server.SeesAsync("loading:1", "INFO", "persistence");
            },
            () => reload);

        Assert.Contains("LOADING", reason, StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task A_password_that_changed_is_told_and_the_old_one_back_is_used_again()
    {
        await using var server = await RedisServer.StartAsync();

        var reason = await RefusalAsync(
            server,
            async () =>
            {
                await server.RunAsync("CONFIG", "SET", "requirepass", "another");
                // Connections stay as they were; those made anew are refused.
                await server.RunAsync("-a", "another", "--no-auth-warning", "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            },
            () => server.RunAsync("-a", "another", "--no-auth-warning", "CONFIG", "SET", "requirepass", ""));

        Assert.Equal("Redis does not answer, or refuses the password: not connected", reason);
    }

    [RedisFact]
    public async Task A_cluster_spreads_the_keys_and_all_is_there()
    {
        // Its own choice for the bus, 10,000 above the port, is where outgoing connections may have theirs.
        var ports = new LoopbackPorts(random: true);
        var (firstBus, secondBus) = (ports.Any(), ports.Any());
        await using var first = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-port", $"{firstBus}");
        await using var second = await RedisServer.StartAsync("--cluster-enabled", "yes", "--cluster-port", $"{secondBus}");
        await first.RunAsync("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
        await second.RunAsync("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
        await first.RunAsync("CLUSTER", "MEET", "127.0.0.1", $"{second.Port}", $"{secondBus}");
        await first.SeesAsync("cluster_state:ok", "CLUSTER", "INFO");
        await second.SeesAsync("cluster_state:ok", "CLUSTER", "INFO");
        var redis = await first.ConnectAsync();
        var (store, log) = (Store(redis), Rebalances(redis));
        for (var i = 1; i <= 4; i++)
        {
            Assert.Null(await Publisher(redis).PublishAsync(GroupSamples.Instance with { Instance = $"consumer-{i}" }, CancellationToken.None));
            log.Record(GroupSamples.Rebalance(i));
        }

        await log.FlushAsync(CancellationToken.None);
        var view = await SeesAsync(store, live: true);
        var rebalances = await log.ReadAsync(CancellationToken.None);
        var lease = new RedisLease("lag", redis, _options, TimeProvider.System, Log<RedisLease>());
        await lease.HoldAsync(CancellationToken.None);

        Assert.Equal(["consumer-1", "consumer-2", "consumer-3", "consumer-4"], view.Instances.Select(instance => instance.Instance));
        Assert.Equal((true, 4), (rebalances.Live, rebalances.Items.Count));
        Assert.True(lease.IsHeld);
    }

    [RedisFact]
    public async Task Another_kind_of_value_under_each_key_is_told_by_its_key()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var (store, publisher, log) = (Store(redis), Publisher(redis), Rebalances(redis));
        Assert.Null(await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None));
        await server.RunAsync("ZADD", "logpartitioning:instances", "1", "consumer-9");
        await server.RunAsync("LPUSH", "logpartitioning:instances:consumer-9", "x");

        var view = await store.ReadAsync(Group, CancellationToken.None);
        Assert.Equal((false, "1 of 2 instances' states in Redis cannot be read; logpartitioning:instances:consumer-9: it is no string"), (view.Live, view.Reason));
        Assert.Equal(["consumer-1"], view.Instances.Select(instance => instance.Instance));

        await server.RunAsync("SET", "logpartitioning:rebalances:log-processors", "x");
        log.Record(GroupSamples.Rebalance(1));
        await log.FlushAsync(CancellationToken.None);
        var rebalances = await log.ReadAsync(CancellationToken.None);
        Assert.False(rebalances.Live);
        Assert.Contains("WRONGTYPE", rebalances.Reason, StringComparison.Ordinal);
        Assert.Single(rebalances.Items);

        await server.RunAsync("SET", "logpartitioning:instances", "x");
        view = await store.ReadAsync(Group, CancellationToken.None);
        Assert.False(view.Live);
        Assert.Contains("WRONGTYPE", view.Reason, StringComparison.Ordinal);
        Assert.Contains("WRONGTYPE", await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task A_trouble_that_lasts_is_logged_once()
    {
        await using var server = await RedisServer.StartAsync();
        var store = Store(await server.ConnectAsync());
        await server.RunAsync("SET", "logpartitioning:instances", "x");

        for (var i = 0; i < 20; i++)
        {
            await store.ReadAsync(Group, CancellationToken.None);
        }

        Assert.Equal([2011], _logged);
    }
}
