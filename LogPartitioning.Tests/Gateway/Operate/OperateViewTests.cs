using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Operate;

namespace LogPartitioning.Tests.Gateway.Operate;

public sealed class OperateViewTests
{
    private static readonly DateTimeOffset s_since = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, "consumer-1/0", "running", null, null)]
    [InlineData(null, null, "unowned", null, null)]
    [InlineData(HaltCause.Paused, "consumer-1/0", "paused", "anna", "the disk")]
    [InlineData(HaltCause.Paused, null, "paused", "anna", "the disk")]
    [InlineData(HaltCause.TooManyRefused, "consumer-1/0", "halted", null, "{\"By\":\"anna\",\"Reason\":\"the disk\"}")]
    public void It_tells_whether_a_partition_is_read_and_why_not(string? cause, string? owner, string state, string? by, string? reason)
    {
        var halt = cause is null ? null : PartitionHalt.FromRecord(cause, new PauseNote("anna", "the disk").ToStored(), s_since);

        var shown = OperateView.Show(3, new(100, 1000), new(700, null, 1, "consumer-1/0", halt, 0), owner);

        Assert.Equal((state, by, reason, cause is null ? null : s_since), (shown.State, shown.By, shown.Reason, shown.Since));
        Assert.Equal((700, 300), (shown.Stored, shown.Lag));
    }

    [Fact]
    public void Lag_is_what_the_brokers_still_hold()
    {
        Assert.Equal((null, 900), (OperateView.Show(3, new(100, 1000), null, null).Stored, OperateView.Show(3, new(100, 1000), null, null).Lag));
        Assert.Equal(0, OperateView.Show(3, new(100, 1000), new(1200, null, 1, "", null, 0), null).Lag);
    }
}
