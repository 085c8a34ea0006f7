using LogPartitioning.Producer.Identity;
using static LogPartitioning.Producer.Identity.RecentIds;

namespace LogPartitioning.Tests.Producer.Identity;

public sealed class RecentIdsTests
{
    private static readonly Guid s_id = Guid.CreateVersion7();
    private readonly RecentIds _ids = new(3);

    [Fact]
    public void An_event_that_was_acknowledged_is_known_by_its_first_place()
    {
        Assert.Equal(Beginning.New, _ids.Begin(s_id, "a", 1, out _));
        Assert.Equal(Beginning.UnderWay, _ids.Begin(s_id, "a", 1, out _));
        _ids.Acknowledge(s_id, "a", 1, new("a", 3, 11));
        _ids.Acknowledge(s_id, "a", 1, new("a", 3, 10));
        _ids.Acknowledge(s_id, "a", 1, new("a", 3, 12));

        Assert.Equal(Beginning.Used, _ids.Begin(s_id, "a", 1, out var use));
        Assert.Equal(new IdUse.Acknowledged("a", 3, 10), use);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Another_event_is_told_apart_while_the_first_is_under_way_and_after_that(bool acknowledged)
    {
        _ids.Begin(s_id, "a", 1, out _);
        if (acknowledged)
        {
            _ids.Acknowledge(s_id, "a", 1, new("a", 3, 10));
        }

        _ids.Begin(s_id, "a", 2, out var otherContent);
        _ids.Begin(s_id, "b", 3, out var otherSource);

        Assert.Equal((IdUse.Taken.ByOtherContent, IdUse.Taken.ByOtherSource), (otherContent, otherSource));
    }

    [Fact]
    public void An_id_whose_event_was_not_acknowledged_is_free()
    {
        _ids.Begin(s_id, "a", 1, out _);
        _ids.Forget(s_id, 2);
        Assert.Equal(Beginning.Used, _ids.Begin(s_id, "b", 2, out _));
        _ids.Forget(s_id, 1);
        Assert.Equal(Beginning.New, _ids.Begin(s_id, "b", 2, out _));
        _ids.Acknowledge(s_id, "b", 2, new("b", 0, 0));
        _ids.Forget(s_id, 2);
        Assert.Equal(Beginning.Used, _ids.Begin(s_id, "b", 2, out _));
    }

    [Fact]
    public void The_oldest_go_first_and_what_was_forgotten_takes_no_room_for_ever()
    {
        for (var i = 0; i < 1000; i++)
        {
            _ids.Begin(s_id, "a", 1, out _);
            _ids.Forget(s_id, 1);
        }

        var ids = Enumerable.Range(0, 4).Select(_ => Guid.CreateVersion7()).ToList();
        ids.ForEach(id => _ids.Begin(id, "a", 1, out _));

        Assert.Equal(Beginning.New, _ids.Begin(ids[0], "a", 1, out _));
        Assert.Equal(Beginning.UnderWay, _ids.Begin(ids[3], "a", 1, out _));
    }
}
