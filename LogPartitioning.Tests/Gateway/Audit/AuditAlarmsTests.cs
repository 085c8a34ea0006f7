using LogPartitioning.Gateway.Audit;

namespace LogPartitioning.Tests.Gateway.Audit;

public sealed class AuditAlarmsTests
{
    private static readonly CanaryTrip s_back = new(default, 40, null);
    private static readonly CanaryTrip s_lost = new(default, null, "The producer does not answer.");

    [Fact]
    public void What_is_stored_sent_again_or_set_aside_is_as_promised() =>
        Assert.Empty(Of(new(40, 10, 10, 10, 5, 5, 0, 0)));

    [Fact]
    public void What_is_missing_or_out_of_order_is_an_alarm_each() => Assert.Equal(
        [
            "2 of 40 acknowledged records that were looked up in the last hour are in the store nowhere",
            "1 of 40 records that were looked up in the last hour were stored before one that stands before them under their key",
        ],
        Of(new(40, 38, 0, 0, 0, 0, 2, 1)));

    [Fact]
    public void A_canary_that_is_lost_once_is_no_alarm_and_twice_in_a_row_is_one()
    {
        Assert.Empty(Of(AuditCounts.None, s_lost));
        Assert.Empty(Of(AuditCounts.None, s_lost, s_back));
        Assert.Empty(Of(AuditCounts.None, s_lost, s_back, s_lost));
        Assert.Equal(["an event of the gateway's own does not come back: The producer does not answer."], Of(AuditCounts.None, s_back, s_lost, s_lost));
    }

    [Fact]
    public void The_canary_tells_the_last_the_median_and_the_slowest_of_a_hundred()
    {
        var trips = Enumerable.Range(1, 100).Select(ms => new CanaryTrip(default, ms, null)).Append(new(default, null, "The producer does not answer.")).ToList();

        var view = CanaryView.Of(trips, TimeSpan.FromSeconds(10));

        Assert.Equal((true, null, 51.0, 99.0), (view.On, view.LastMs, view.MedianMs, view.P99Ms));
        Assert.Equal((false, null, null, null), CanaryView.Of([], TimeSpan.Zero) is var off ? (off.On, off.LastMs, off.MedianMs, off.P99Ms) : default);
    }

    private static IEnumerable<string> Of(AuditCounts total, params CanaryTrip[] trips) => AuditAlarms.Of(total, CanaryView.Of(trips, TimeSpan.FromSeconds(30)));
}
