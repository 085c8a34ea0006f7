using System.ComponentModel.DataAnnotations;
using LogPartitioning.Core.GroupState;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace LogPartitioning.Tests.Core.GroupState;

/// <summary>Group state when Redis is away: nothing throws, nothing waits long, and the answer says why it is incomplete.</summary>
public sealed class GroupStateTests : IAsyncLifetime
{
    private readonly GroupStateOptions _options = new();
    private ConnectionMultiplexer _redis = null!;

    public async Task InitializeAsync() =>
        // Port 1 is reserved and refuses.
        _redis = await ConnectionMultiplexer.ConnectAsync("127.0.0.1:1,abortConnect=false,connectTimeout=100,connectRetry=0");

    public async Task DisposeAsync() => await _redis.DisposeAsync();

    private RebalanceLog NewLog() => new("log-processors", _redis, _options, TimeProvider.System, NullLogger<RebalanceLog>.Instance);

    [Fact]
    public async Task Publishing_says_that_it_did_not_work()
    {
        var store = new GroupStateStore(_redis, _options, TimeProvider.System, NullLogger<GroupStateStore>.Instance);
        var publisher = new InstancePublisher(_redis, _options, TimeProvider.System, NullLogger<InstancePublisher>.Instance);
        Assert.Equal("Redis does not answer, or refuses the password: not connected", await publisher.PublishAsync(GroupSamples.Instance, CancellationToken.None));
        Assert.Null(await publisher.RemoveAsync(CancellationToken.None));
        Assert.False(await store.PublishEventAsync("rebalance", "{}", CancellationToken.None));
    }

    [Fact]
    public async Task Reading_gives_a_view_that_is_not_live_and_why()
    {
        var store = new GroupStateStore(_redis, _options, TimeProvider.System, NullLogger<GroupStateStore>.Instance);
        var view = await store.ReadAsync("log-processors", CancellationToken.None);

        Assert.Equal((false, "Redis does not answer, or refuses the password: not connected"), (view.Live, view.Reason));
        Assert.Empty(view.Instances);
    }

    [Fact]
    public async Task A_caller_that_gave_up_is_told_so()
    {
        var store = new GroupStateStore(_redis, _options, TimeProvider.System, NullLogger<GroupStateStore>.Instance);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.ReadAsync("log-processors", new(canceled: true)));
    }

    [Fact]
    public async Task The_newest_hundred_rebalances_are_kept_in_memory()
    {
        var log = NewLog();
        for (var i = 0; i < 250; i++)
        {
            log.Record(GroupSamples.Rebalance(i));
            await log.FlushAsync(CancellationToken.None);
        }

        var view = await log.ReadAsync(CancellationToken.None);
        Assert.False(view.Live);
        Assert.Equal(Enumerable.Range(150, 100).Reverse(), view.Items.Select(item => item.Gained[0]));
    }

    [Fact]
    public void Amending_a_rebalance_keeps_its_place()
    {
        var log = NewLog();
        log.Record(GroupSamples.Rebalance(1));
        log.Record(GroupSamples.Rebalance(2));
        log.Record(GroupSamples.Rebalance(1) with { Pauses = [new(1, 812)] });

        Assert.Equal([2, 1], log.Recent.Select(item => item.Gained[0]));
        Assert.Equal(812, log.Recent[1].Pauses[0].Ms);
    }

    [Fact]
    public void All_problems_of_the_options_are_told_at_once()
    {
        var bad = new GroupStateOptions { PublishInterval = TimeSpan.FromMinutes(2), TimeToLive = TimeSpan.FromMinutes(3), Timeout = TimeSpan.Zero };
        Assert.Equal(3, bad.Validate(new ValidationContext(bad)).Count());
        Assert.Empty(_options.Validate(new ValidationContext(_options)));
    }
}
