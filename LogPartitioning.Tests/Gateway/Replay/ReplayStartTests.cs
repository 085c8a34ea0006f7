using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Replay;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Gateway.Replay;

/// <summary>Where a replay by time starts when the store is asked, as it is where the brokers keep no timestamps.</summary>
[Collection(PostgresTests.Name)]
public sealed class ReplayStartTests(PostgresServer server) : DatabaseTest(server)
{
    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        var store = new LogStore(Database, "group", "topic");
        await store.WriteAsync(StoredEvents.Batch(await store.ClaimAsync(0), 0, 40));
    }

    [PostgresFact]
    public async Task Where_nothing_was_stored_before_the_time_it_is_the_oldest_record_left()
    {
        var plan = await PlanAsync(DateTimeOffset.UtcNow.AddDays(-1), new PartitionBounds(11, 100));

        Assert.Equal([new OffsetRange(0, 11, 40)], Assert.IsType<ReplayPlan.Accepted>(plan).Ranges);
    }

    [PostgresFact]
    public async Task Where_retention_has_passed_the_position_nothing_is_left_to_replay()
    {
        var plan = await PlanAsync(DateTimeOffset.UtcNow.AddDays(-1), new PartitionBounds(50, 100));

        Assert.All(Assert.IsType<ReplayPlan.Accepted>(plan).Ranges, range => Assert.Equal(0, range.Length));
    }

    [PostgresFact]
    public async Task What_was_stored_before_the_time_says_that_later_records_are_gone()
    {
        await Database.ExecuteAsync("""UPDATE log_events SET stored_at = stored_at - interval '2 days' WHERE "offset" < 5""");

        var yesterday = DateTimeOffset.UtcNow.AddDays(-1);

        Assert.Equal(
            "partition 0: the brokers hold records from offset 11 on, not from 5",
            Assert.IsType<ReplayPlan.Gone>(await PlanAsync(yesterday, new PartitionBounds(11, 100))).Reason);
        Assert.Equal(
            [new OffsetRange(0, 5, 40)],
            Assert.IsType<ReplayPlan.Accepted>(await PlanAsync(yesterday, new PartitionBounds(0, 100))).Ranges);
    }

    private async Task<ReplayPlan> PlanAsync(DateTimeOffset time, PartitionBounds held)
    {
        var bounds = new Dictionary<int, PartitionBounds> { [0] = held };
        var starts = await ReplayPlanner.StartsFromStoreAsync(Database, [0], time, bounds, new Dictionary<int, short>(), CancellationToken.None);
        return ReplayPlanner.Decide([0], starts, new Dictionary<int, long> { [0] = 40 }, bounds, byTime: true);
    }
}
