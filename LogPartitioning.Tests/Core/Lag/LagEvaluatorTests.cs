using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class LagEvaluatorTests
{
    private const int Window = 4;
    private static readonly DateTimeOffset s_start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    /// <summary>Readings 30 s apart, as (end, position) with one owner throughout.</summary>
    private static LagSample[] Owned(params (long End, long Position)[] readings) =>
        [.. readings.Select((reading, i) => new LagSample(s_start.AddSeconds(30 * i), reading.End, reading.Position, reading.End - reading.Position, "consumer-1/0"))];

    private static LagVerdict VerdictOn(LagSample[] samples, long allowedLag = 0) => LagEvaluator.Judge(samples, Window, allowedLag).Verdict;

    [Theory]
    [InlineData(1, "1 record waits")]
    [InlineData(12_000, "12000 records wait")]
    public void A_lag_is_told_in_words(long records, string words) => Assert.Equal(words, LagEvaluator.Waiting(records));

    [Fact]
    public void Without_lag_all_is_well_owner_or_not()
    {
        Assert.Equal(LagVerdict.Ok, VerdictOn(Owned((10, 10))));
        Assert.Equal(LagVerdict.Ok, VerdictOn([new(s_start, 10, 10, 0, null)]));
    }

    [Fact]
    public void Lag_without_an_owner_is_STOP_at_the_first_reading()
    {
        var (verdict, reason) = LagEvaluator.Judge([new(s_start, 12_000, 0, 12_000, null)], Window, 0);

        Assert.Equal(LagVerdict.Stop, verdict);
        Assert.Equal("12000 records wait and no consumer owns the partition", reason);
    }

    [Theory]
    // Readings as end/position, 30 s apart.
    [InlineData("100/50 110/50 120/50 130/50", LagVerdict.Stall)] // does not move over the window
    [InlineData("100/50 110/50 120/50", LagVerdict.Stall)] // a minute is enough, whatever the window
    [InlineData("100/50 110/50", LagVerdict.Ok)] // the owner has just come
    [InlineData("50/50 110/50 120/50 130/50", LagVerdict.Stall)] // was zero once, and then nothing moved for a minute
    [InlineData("50/50 110/50 120/50", LagVerdict.Ok)] // for half a minute only
    [InlineData("100/50 120/60 140/70 160/80", LagVerdict.Warn)] // commits, and does not catch up
    [InlineData("100/50 120/60 140/90 170/100", LagVerdict.Ok)] // fell once
    [InlineData("50/50 120/60 140/70 170/80", LagVerdict.Ok)] // was zero once
    public void With_an_owner_the_window_decides(string readings, LagVerdict verdict) => Assert.Equal(verdict, VerdictOn(Owned(
        [.. readings.Split(' ').Select(reading => reading.Split('/')).Select(parts => (long.Parse(parts[0], null), long.Parse(parts[1], null)))])));

    [Fact]
    public void Readings_without_an_owner_do_not_count_against_the_next_owner()
    {
        LagSample[] samples =
        [
            new(s_start, 100, 50, 50, null),
            new(s_start.AddSeconds(30), 100, 50, 50, null),
            new(s_start.AddSeconds(60), 100, 50, 50, null),
            new(s_start.AddSeconds(90), 100, 50, 50, "consumer-1/0"),
        ];

        Assert.Equal(LagVerdict.Ok, VerdictOn(samples));
    }

    [Fact]
    public void Allowed_lag_counts_as_zero()
    {
        var samples = Owned((55, 50), (120, 60), (140, 70), (170, 80));
        Assert.Equal(LagVerdict.Warn, VerdictOn(samples, allowedLag: 4));
        Assert.Equal(LagVerdict.Ok, VerdictOn(samples, allowedLag: 5));
    }

    [Fact]
    public void An_offset_that_went_back_is_REWIND_even_before_the_window_is_full()
    {
        var (verdict, reason) = LagEvaluator.Judge(Owned((100, 50), (110, 20)), Window, 0);

        Assert.Equal(LagVerdict.Rewind, verdict);
        Assert.Equal("the position went back from 50 to 20", reason);
    }

    [Fact]
    public void A_halted_partition_is_STOP_even_where_nothing_seems_to_wait()
    {
        var (verdict, reason) = LagEvaluator.Judge([new(s_start, 400, 400, 0, "consumer-1/0", Halt: new(HaltCause.LogReplaced, "another topic"))], Window, 0);

        Assert.Equal((LagVerdict.Stop, "halted: another topic"), (verdict, reason));
    }

    [Fact]
    public void A_partition_that_an_operator_has_paused_is_a_warning_with_who_and_why()
    {
        var pause = PartitionHalt.FromRecord(HaltCause.Paused, new PauseNote("anna", "the disk").ToStored(), s_start);

        var (verdict, reason) = LagEvaluator.Judge([new(s_start, 412, 400, 12, null, Halt: pause)], Window, 0);

        Assert.Equal((LagVerdict.Warn, "paused by an operator since 2026-11-22T07:00:00Z (key anna): the disk; 12 records wait"), (verdict, reason));
    }

    [Fact]
    public void An_open_transaction_that_holds_records_back_is_named()
    {
        LagSample[] samples =
        [
            new(s_start, 300, 300, 0, "consumer-1/0", StableEnd: 300),
            new(s_start.AddSeconds(1), 304, 300, 4, "consumer-1/0", StableEnd: 300),
            new(s_start.AddSeconds(2), 304, 300, 4, "consumer-1/0", StableEnd: 300),
        ];

        Assert.Equal(LagVerdict.Ok, VerdictOn(samples[..2]));
        var (verdict, reason) = LagEvaluator.Judge(samples, Window, 0);
        Assert.Equal(LagVerdict.Stall, verdict);
        Assert.Equal(
            "a transaction of another program has been open since 2026-11-22T07:00:01.0000000+00:00 or longer: 4 records from offset 300 on cannot be read before it ends",
            reason);
    }
}
