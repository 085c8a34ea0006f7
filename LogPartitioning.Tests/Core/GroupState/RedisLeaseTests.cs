using LogPartitioning.Core.GroupState;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Core.GroupState;

public sealed class RedisLeaseTests
{
    private static readonly GroupStateOptions s_patient = new() { TimeToLive = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromSeconds(10) };
    private static readonly GroupStateOptions s_brief = new() { PublishInterval = TimeSpan.FromMilliseconds(100), TimeToLive = TimeSpan.FromMilliseconds(600) };

    private static RedisLease Lease(IConnectionMultiplexer redis, GroupStateOptions? options = null) => new("lag", redis, options ?? s_patient, TimeProvider.System, NullLogger<RedisLease>.Instance);

    [RedisFact]
    public async Task One_of_several_holds_it_and_keeps_it()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var leases = Enumerable.Range(0, 3).Select(_ => Lease(redis)).ToList();
        Assert.All(leases, lease => Assert.Null(lease.IsHeld));

        for (var i = 0; i < 10; i++)
        {
            foreach (var lease in leases)
            {
                await lease.HoldAsync(CancellationToken.None);
            }

            Assert.Equal([true, false, false], leases.Select(lease => lease.IsHeld));
        }

        await leases[0].ReleaseAsync(CancellationToken.None);
        await leases[1].HoldAsync(CancellationToken.None);
        await leases[0].HoldAsync(CancellationToken.None);
        Assert.Equal((false, true), (leases[0].IsHeld, leases[1].IsHeld));
    }

    [RedisFact]
    public async Task Who_does_not_come_back_loses_it_to_another()
    {
        await using var server = await RedisServer.StartAsync();
        var redis = await server.ConnectAsync();
        var (first, second) = (Lease(redis, s_brief), Lease(redis, s_brief));
        await first.HoldAsync(CancellationToken.None);

        await Eventually.SeesAsync(
            "the second to hold it",
            async token =>
            {
                await second.HoldAsync(token);
                return second.IsHeld;
            },
            isHeld => isHeld == true,
            TimeSpan.FromSeconds(20));

        // The first knows by its own clock, without asking.
        Assert.Null(first.IsHeld);
    }

    [RedisFact]
    public async Task Without_Redis_nobody_is_told_that_another_has_it()
    {
        var server = await RedisServer.StartAsync();
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString + ",abortConnect=false");
        var (first, second) = (Lease(redis), Lease(redis));
        await first.HoldAsync(CancellationToken.None);
        await second.HoldAsync(CancellationToken.None);
        Assert.Equal((true, false), (first.IsHeld, second.IsHeld));

        await server.DisposeAsync();
        await first.HoldAsync(CancellationToken.None);
        await second.HoldAsync(CancellationToken.None);

        Assert.Equal((null, null), (first.IsHeld, second.IsHeld));
    }
}
