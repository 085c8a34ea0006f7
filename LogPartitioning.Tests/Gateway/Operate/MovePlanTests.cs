using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.Operate;

namespace LogPartitioning.Tests.Gateway.Operate;

public sealed class MovePlanTests
{
    private static readonly PartitionBounds s_held = new(100, 1000);

    [Theory]
    [InlineData(-500, 200, MovePlan.Back, 500)]
    [InlineData(250, 950, MovePlan.Forward, 250)]
    public void A_shift_goes_so_many_offsets(long by, long to, string direction, long records) =>
        Sees(Plan(700, new MoveTarget.Shift(by)), to, direction, records, why: null);

    [Theory]
    [InlineData(-601)]
    [InlineData(long.MinValue)]
    public void It_goes_back_to_what_the_brokers_hold_and_says_so(long by) =>
        Sees(Plan(700, new MoveTarget.Shift(by)), 100, MovePlan.Back, 600, "the brokers hold records from offset 100 on");

    [Theory]
    [InlineData(301)]
    [InlineData(long.MaxValue)]
    public void It_goes_on_to_the_end_of_the_log_and_says_so(long by) =>
        Sees(Plan(700, new MoveTarget.Shift(by)), 1000, MovePlan.Forward, 300, "the log ends at offset 1000");

    [Fact]
    public void An_offset_and_the_ends_are_where_they_are()
    {
        Sees(Plan(700, new MoveTarget.Offset(650)), 650, MovePlan.Back, 50, why: null);
        Sees(Plan(700, new MoveTarget.Offset(700)), 700, MovePlan.None, 0, why: null);
        Sees(Plan(700, new MoveTarget.Offset(7)), 100, MovePlan.Back, 600, "the brokers hold records from offset 100 on");
        Sees(Plan(700, new MoveTarget.Beginning()), 100, MovePlan.Back, 600, why: null);
        Sees(Plan(700, new MoveTarget.End()), 1000, MovePlan.Forward, 300, why: null);
    }

    [Fact]
    public void A_time_is_the_first_record_of_it_and_before_what_the_brokers_hold_nobody_knows()
    {
        Sees(Plan(700, new MoveTarget.Time(default), atTime: 650), 650, MovePlan.Back, 50, why: null);
        Sees(Plan(700, new MoveTarget.Time(default), atTime: 1000), 1000, MovePlan.Forward, 300, why: null);
        Sees(Plan(700, new MoveTarget.Time(default), atTime: 100), 100, MovePlan.Back, 600, "the brokers hold records from offset 100 on: what came in before may be gone");
        Assert.False(MovePlan.Of(3, 700, new(0, 1000), new MoveTarget.Time(default), 0, paused: true).Clamped);
    }

    /// <summary>Retention took records of it while it was paused.</summary>
    [Fact]
    public void A_position_before_what_the_brokers_hold_can_only_go_on() =>
        Sees(Plan(40, new MoveTarget.Shift(-10)), 100, MovePlan.Forward, 60, "the brokers hold records from offset 100 on");

    private static MovePlan Plan(long from, MoveTarget target, long? atTime = null) => MovePlan.Of(3, from, s_held, target, atTime, paused: true);

    private static void Sees(MovePlan plan, long to, string direction, long records, string? why) =>
        Assert.Equal((to, direction, records, why is not null, why), (plan.To, plan.Direction, plan.Records, plan.Clamped, plan.Why));
}
