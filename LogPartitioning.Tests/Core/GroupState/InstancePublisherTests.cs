using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Core.GroupState;

/// <summary>Processes that share a name: each is seen, by a name of its own, and none flickers.</summary>
public sealed class InstancePublisherTests
{
    private readonly GroupStateOptions _options = new() { TimeToLive = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromSeconds(10) };
    private readonly List<int> _logged = [];

    private InstancePublisher Publisher(IConnectionMultiplexer redis) =>
        new(redis, _options, TimeProvider.System, new LogListener<InstancePublisher>((level, id) =>
        {
            Assert.Equal(LogLevel.Warning, level);
            _logged.Add(id.Id);
        }));

    private static InstanceState State(int partition) => GroupSamples.Instance with { Workers = [new(0, "consumer-1/0", "running", [partition])] };

    private async Task<string> SeenAsync(IConnectionMultiplexer redis)
    {
        var view = await new GroupStateStore(redis, _options, TimeProvider.System, NullLogger<GroupStateStore>.Instance)
            .ReadAsync("log-processors", CancellationToken.None);
        Assert.True(view.Live, view.Reason);
        return string.Join(' ', view.Instances.Select(instance => $"{instance.Instance}:{instance.Workers[0].Partitions[0]}{(instance.SharedName is null ? "" : "=" + instance.SharedName)}"));
    }

    private static async Task PublishAsync(InstancePublisher publisher, int partition) =>
        Assert.Null(await publisher.PublishAsync(State(partition), CancellationToken.None));

    [RedisFact]
    public async Task Two_processes_of_one_name_are_told_apart_and_stay_so()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var (first, second, third) = (Publisher(redis), Publisher(redis), Publisher(redis));
        await PublishAsync(first, 1);

        // The second may be the first one's successor, so it writes over its state; the third over the second's.
        var seen = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            await PublishAsync(second, 2);
            await PublishAsync(third, 3);
            await PublishAsync(first, 1);
            seen.Add(await SeenAsync(redis));
        }

        Assert.Single(seen[^6..].Distinct());
        var entries = seen[^1].Split(' ').Select(entry => entry.Split(':', '=')).ToList();
        Assert.Equal(["consumer-1", "consumer-1#2", "consumer-1#3"], entries.Select(entry => entry[0]));
        Assert.Equal(["1", "2", "3"], entries.Select(entry => entry[1]).Order());
        Assert.All(entries[1..], entry => Assert.Equal("consumer-1", entry[2]));
        Assert.All(_logged, id => Assert.Equal(2013, id));
        Assert.InRange(_logged.Count, 2, 6);
    }

    [RedisFact]
    public async Task The_successor_of_a_killed_process_has_its_name_at_once()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        await PublishAsync(Publisher(redis), 1);

        var successor = Publisher(redis);
        await PublishAsync(successor, 2);
        await PublishAsync(successor, 2);

        Assert.Equal("consumer-1:2", await SeenAsync(redis));
        Assert.Empty(_logged);
    }

    [RedisFact]
    public async Task Whoever_is_left_gets_the_name_back_and_takes_nobody_elses_state_along()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var (first, second) = (Publisher(redis), Publisher(redis));
        await PublishAsync(first, 1);
        await PublishAsync(second, 2);
        await PublishAsync(first, 1);
        await PublishAsync(second, 2);
        Assert.Equal("consumer-1:1 consumer-1#2:2=consumer-1", await SeenAsync(redis));

        Assert.Null(await first.RemoveAsync(CancellationToken.None));
        Assert.Equal("consumer-1#2:2=consumer-1", await SeenAsync(redis));
        await PublishAsync(second, 2);
        Assert.Equal("consumer-1:2", await SeenAsync(redis));

        Assert.Null(await first.RemoveAsync(CancellationToken.None));
        Assert.Equal("consumer-1:2", await SeenAsync(redis));
        Assert.Null(await second.RemoveAsync(CancellationToken.None));
        Assert.Equal("", await SeenAsync(redis));
    }

    [RedisFact]
    public async Task Damaged_state_under_the_own_name_is_written_over()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var publisher = Publisher(redis);
        foreach (var command in new string[][] { ["SET", "logpartitioning:instances:consumer-1", "garbage"], ["LPUSH", "logpartitioning:instances:consumer-1", "x"] })
        {
            await server.RunAsync("DEL", "logpartitioning:instances:consumer-1");
            await server.RunAsync(command);
            await PublishAsync(publisher, 1);
            Assert.Equal("consumer-1:1", await SeenAsync(redis));
        }
    }
}
