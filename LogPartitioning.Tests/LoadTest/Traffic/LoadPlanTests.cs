using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;

namespace LogPartitioning.Tests.LoadTest.Traffic;

public sealed class LoadPlanTests
{
    [Theory]
    [InlineData(10_000, 8, 0)]
    [InlineData(10_001, 8, 0)]
    [InlineData(7, 8, 0)]
    [InlineData(10_000, 8, 0.5)]
    [InlineData(1_000, 3, 0.9)]
    [InlineData(1_000, 1, 0.5)]
    public void Quotas_sum_to_the_events_asked_for(long events, int sources, double hotShare)
    {
        var plan = LoadPlan.Sources(new SyntheticTraffic { Events = events, Sources = sources, HotShare = hotShare });

        Assert.Equal(events, plan.Sum(s => s.Quota));
        Assert.Equal(sources, plan.Select(s => s.Name).Distinct().Count());
        Assert.Equal(1, plan.Sum(s => s.Weight), 9);
    }

    [Fact]
    public void A_hot_source_gets_its_share_and_a_lane_of_its_own()
    {
        var plan = LoadPlan.Sources(new SyntheticTraffic { Events = 1_000, Sources = 5, HotShare = 0.6, HotSource = "checkout-7" });
        var lanes = LoadPlan.Lanes(plan, lanes: 3, firstIsHot: true);

        Assert.Equal(("checkout-7", 600L), (plan[0].Name, plan[0].Quota!.Value));
        Assert.All(plan.Skip(1), s => Assert.Equal(100, s.Quota));
        Assert.Equal([1, 2, 2], lanes.Select(lane => lane.Count));
        Assert.Equal("checkout-7", lanes[0][0].Name);
    }

    [Fact]
    public void Every_source_belongs_to_one_lane()
    {
        var plan = LoadPlan.Sources(new SyntheticTraffic { Sources = 100 });
        var lanes = LoadPlan.Lanes(plan, lanes: 8, firstIsHot: false);

        Assert.Equal(plan.Select(s => s.Name).Order(), lanes.SelectMany(lane => lane).Select(s => s.Name).Order());
        Assert.Equal(8, lanes.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.7)]
    public void The_lanes_rates_sum_to_the_rate(double hotShare)
    {
        var options = new SyntheticTraffic { Sources = 10, Rate = 500, HotShare = hotShare };
        var lanes = LoadPlan.Lanes(LoadPlan.Sources(options), 4, hotShare > 0)
            .Select(lane => new SyntheticLane(options, lane, TimeProvider.System));

        Assert.Equal(500, lanes.Sum(lane => lane.Rate), 6);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_events_with_new_ids()
    {
        var options = new SyntheticTraffic { Events = 500, Sources = 5, HotShare = 0.4, MessageBytes = 64, Seed = 7 };
        var first = await EventsAsync(options);
        var second = await EventsAsync(options);
        var other = await EventsAsync(options with { Seed = 8 });

        Assert.Equal(first.Select(Content), second.Select(Content));
        Assert.NotEqual(first.Select(Content), other.Select(Content));
        Assert.Empty(first.Select(e => e.Id).Intersect(second.Select(e => e.Id)));
        Assert.All(first, e => Assert.Equal(64, e.Message.Length));
    }

    [Fact]
    public async Task Sequences_of_a_source_have_no_gap_and_shares_hold_from_early_on()
    {
        var events = await EventsAsync(new SyntheticTraffic { Events = 1_000, Sources = 5, HotShare = 0.6 }, lanes: 1);

        Assert.All(
            events.GroupBy(e => e.Source),
            source => Assert.Equal(Enumerable.Range(1, source.Count()).Select(i => (long)i), source.Select(e => e.Sequence)));
        Assert.InRange(events.Take(50).Count(e => e.Source == "load-1"), 29, 31);
    }

    [Fact]
    public void Every_problem_of_the_options_is_told_at_once()
    {
        var options = new SyntheticTraffic
        {
            Events = 0,
            Sources = 0,
            Rate = double.NaN,
            MessageBytes = 70_000,
            HotShare = 1,
            SourcePrefix = "\n",
            Sending = new SendingOptions { Batch = 20_000, Concurrency = 0, GiveUp = TimeSpan.Zero },
        };

        Assert.Equal(9, options.Problems().Count());
        Assert.Empty(new SyntheticTraffic().Problems());
    }

    private static string Content(OutgoingEvent e) => $"{e.Source}|{e.Sequence}|{e.Level}|{e.Message}";

    private static async Task<List<OutgoingEvent>> EventsAsync(SyntheticTraffic options, int lanes = 3)
    {
        var events = new List<OutgoingEvent>();
        foreach (var sources in LoadPlan.Lanes(LoadPlan.Sources(options), lanes, options.HotShare > 0))
        {
            using var lane = new SyntheticLane(options, sources, TimeProvider.System);
            var batch = new EventBatch();
            do
            {
                batch.Clear();
                await lane.FillAsync(batch, 37, CancellationToken.None);
                events.AddRange(batch.Events);
            }
            while (batch.Events.Count > 0);
        }

        return events;
    }
}
