using LogPartitioning.Core.Lag;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class LagMonitorTests : IDisposable
{
    private readonly ScriptedOffsets _source = new();
    private readonly FakeTimeProvider _time = new(Start);
    private readonly LagOptions _options = new() { Window = 3 };
    private readonly LagMonitor _monitor;

    public LagMonitorTests() => _monitor = new(_source, _options, _time, NullLogger<LagMonitor>.Instance);

    public void Dispose() => _monitor.Dispose();

    private Task<LagReport> ReadAsync(double seconds, params PartitionOffsets[] partitions)
    {
        _source.Next = () => Offsets(Start.AddSeconds(seconds), partitions);
        return _monitor.RefreshAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_group_that_never_committed_lags_by_all_that_is_there()
    {
        var report = await ReadAsync(0, Partition(0, end: 500, committed: null, beginning: 100), Partition(1, end: 7, committed: null));

        Assert.Equal([400L, 7L], report.Partitions.Select(partition => partition.Lag));
        Assert.All(report.Partitions, partition => Assert.Null(partition.Committed));
        Assert.Equal(407, report.TotalLag);
        Assert.Equal(LagVerdict.Stop, report.Verdict);
        Assert.Equal("no consumer is in the group and 407 records wait", report.Reason);
    }

    [Fact]
    public async Task Records_that_retention_removed_before_they_were_read_are_no_lag()
    {
        var report = await ReadAsync(0, Partition(0, end: 500, committed: 50, beginning: 450, owner: "consumer-1/0"));
        Assert.Equal(50, report.TotalLag);
    }

    [Fact]
    public async Task A_commit_beyond_the_end_read_before_it_is_no_negative_lag()
    {
        var report = await ReadAsync(0, Partition(0, end: 500, committed: 510, owner: "consumer-1/0"));
        Assert.Equal(0, report.TotalLag);
    }

    [Fact]
    public async Task Stopping_all_consumers_with_a_backlog_is_STOP_and_draining_it_is_OK_again()
    {
        Assert.Equal(LagVerdict.Ok, (await ReadAsync(0, Partition(0, 10, 10, "consumer-1/0"))).Verdict);
        var stopped = await ReadAsync(30, Partition(0, 12_010, 10));
        Assert.Equal((LagVerdict.Stop, 12_000), (stopped.Verdict, stopped.TotalLag));
        Assert.Equal("never at this rate", stopped.Drain.Text);
        Assert.Equal(LagVerdict.Ok, (await ReadAsync(60, Partition(0, 12_010, 6_000, "consumer-1/0"))).Verdict);
        var drained = await ReadAsync(90, Partition(0, 12_010, 12_010, "consumer-1/0"));
        Assert.Equal((LagVerdict.Ok, 0), (drained.Verdict, drained.TotalLag));
    }

    [Fact]
    public async Task The_gravest_partition_decides_for_the_group()
    {
        for (var i = 0; i < 3; i++)
        {
            await ReadAsync(30 * i, Partition(0, 100 + i, 100 + i, "consumer-1/0"), Partition(1, 100, 50, "consumer-1/1"));
        }

        Assert.Equal(LagVerdict.Stall, _monitor.Current!.Verdict);
        Assert.StartsWith("1 of 2 partitions; partition 1: consumer-1/1 has not moved its position from 50 for 60 s", _monitor.Current.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rebalance_is_not_a_loss_of_owners()
    {
        await ReadAsync(0, Partition(0, 100, 90, "consumer-1/0"));
        _source.Next = () => new(Start.AddSeconds(1), "PreparingRebalance", [new("consumer-1/0", []), new("consumer-2/0", [])], [Partition(0, 110, 90)]);

        var report = await _monitor.RefreshAsync(CancellationToken.None);

        Assert.Equal("consumer-1/0", report.Partitions[0].Owner);
        Assert.NotEqual(LagVerdict.Stop, report.Verdict);
    }

    [Fact]
    public async Task Rates_and_drain_estimate_come_from_the_window()
    {
        await ReadAsync(0, Partition(0, 10_000, 4_000, "consumer-1/0"));
        var report = await ReadAsync(10, Partition(0, 11_000, 7_000, "consumer-1/0"));

        Assert.Equal(100, report.Partitions[0].ArrivingPerSecond);
        Assert.Equal(300, report.Partitions[0].ConsumedPerSecond);
        Assert.Equal(20, report.Drain.Seconds);
    }

    [Fact]
    public async Task Lag_in_time_is_the_age_of_the_oldest_record_that_waits()
    {
        await ReadAsync(0, Partition(0, 0, 0, "consumer-1/0"));
        await ReadAsync(10, Partition(0, 1_000, 0, "consumer-1/0"));
        var report = await ReadAsync(20, Partition(0, 1_000, 500, "consumer-1/0"));

        Assert.Equal(15, report.Partitions[0].LagSeconds, 1);
        Assert.False(report.Partitions[0].LagSecondsIsAtLeast);
    }

    [Fact]
    public async Task A_failed_reading_keeps_the_last_report_and_says_why()
    {
        await ReadAsync(0, Partition(0, 10, 10));
        _source.Next = () => throw new GroupOffsetsException("all brokers are down");

        await Assert.ThrowsAsync<GroupOffsetsException>(() => _monitor.RefreshAsync(CancellationToken.None));
        Assert.Equal("all brokers are down", _monitor.Problem);
        Assert.Equal(Start, _monitor.Current!.At);

        await ReadAsync(60, Partition(0, 10, 10));
        Assert.Null(_monitor.Problem);
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_given_up_after_the_timeout()
    {
        _source.Gate = new TaskCompletionSource().Task;
        var reading = _monitor.RefreshAsync(CancellationToken.None);
        Assert.False(reading.IsCompleted);

        _time.Advance(_options.Timeout);

        var problem = await Assert.ThrowsAsync<GroupOffsetsException>(() => reading);
        Assert.Equal("The brokers did not tell the offsets of group log-processors within 5 s", problem.Message);
    }

    [Fact]
    public async Task Runs_at_once_then_at_every_interval_and_sooner_after_a_failure()
    {
        using var stop = new CancellationTokenSource();
        _source.Next = () => Offsets(_time.GetUtcNow(), Partition(0, 10, 10));
        var running = _monitor.RunAsync(stop.Token);
        Assert.Equal(1, _source.Count);

        _time.Advance(_options.Interval - TimeSpan.FromSeconds(1));
        Assert.Equal(1, _source.Count);
        _source.Next = () => throw new GroupOffsetsException("away");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _source.Count);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(3, _source.Count);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
