using LogPartitioning.Gateway.Scaling;

namespace LogPartitioning.Tests.Gateway.Scaling;

public sealed class ScalingHistoryTests
{
    private static ScalingAdvice Advice(int desired) => new(DateTimeOffset.UnixEpoch, 0, desired, desired, 3, 0, 1, 0, ["because"]);

    [Fact]
    public void Only_changes_are_kept_newest_first()
    {
        var history = new ScalingHistory();
        Assert.NotNull(history.Record(Advice(1)));
        Assert.Null(history.Record(Advice(1)));
        Assert.NotNull(history.Record(Advice(6)));

        Assert.Equal([((int?)1, 6), (null, 1)], history.Changes.Select(change => (change.From, change.To)));
    }

    [Fact]
    public void The_history_has_a_bound()
    {
        var history = new ScalingHistory();
        for (var i = 0; i < 1_000; i++)
        {
            history.Record(Advice(i));
        }

        Assert.Equal(ScalingHistory.Capacity, history.Changes.Count);
        Assert.Equal(999, history.Changes[0].To);
    }
}
