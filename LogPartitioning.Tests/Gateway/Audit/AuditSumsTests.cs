using LogPartitioning.Gateway.Audit;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Gateway.Audit;

public sealed class AuditSumsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Each_outcome_is_counted_by_source_the_most_first()
    {
        var sums = new AuditSums(_time);
        sums.Add([Of("a", AuditOutcome.Stored), Of("b", AuditOutcome.Stored), Of("b", AuditOutcome.Duplicate), Of("b", AuditOutcome.Missing), Of("b", AuditOutcome.DeadLetter)], new Dictionary<string, int> { ["a"] = 3 });

        Assert.Equal([("b", new AuditCounts(4, 1, 1, 1, 0, 0, 1, 0)), ("a", new AuditCounts(1, 1, 0, 0, 0, 0, 0, 3))], sums.Read());
    }

    [Fact]
    public void What_is_not_as_promised_comes_first()
    {
        var sums = new AuditSums(_time);
        sums.Add([Of("busy", AuditOutcome.Stored), Of("busy", AuditOutcome.Skipped), Of("busy", AuditOutcome.Expired), Of("rare", AuditOutcome.Missing)], new Dictionary<string, int>());

        Assert.Equal(["rare", "busy"], sums.Read().Select(source => source.Source));
        Assert.Equal(new AuditCounts(3, 1, 0, 0, 1, 1, 0, 0), sums.Read()[1].Counts);
    }

    [Fact]
    public void What_is_older_than_an_hour_is_forgotten()
    {
        var sums = new AuditSums(_time);
        sums.Add([Of("a", AuditOutcome.Stored)], new Dictionary<string, int>());
        _time.Advance(TimeSpan.FromMinutes(50));
        sums.Add([Of("a", AuditOutcome.Stored)], new Dictionary<string, int>());
        Assert.Equal(2, sums.Read().Single().Counts.Acknowledged);

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(1, sums.Read().Single().Counts.Acknowledged);
    }

    [Fact]
    public void Sources_beyond_the_most_are_counted_together_unless_they_are_heavier_or_not_as_promised()
    {
        var sums = new AuditSums(_time);
        sums.Add(Enumerable.Range(0, AuditSums.MaxSources + 5).Select(i => Of($"source-{i}", AuditOutcome.Stored)), new Dictionary<string, int>());
        sums.Add([Of("light", AuditOutcome.Stored), Of("heavy", AuditOutcome.Stored), Of("heavy", AuditOutcome.Stored), Of("lost", AuditOutcome.Missing), Of("turned", AuditOutcome.Stored)], new Dictionary<string, int> { ["turned"] = 1 });

        var read = sums.Read().ToDictionary(source => source.Source, source => source.Counts);
        Assert.Equal((2, 1, 1), (read["heavy"].Stored, read["lost"].Missing, read["turned"].OutOfOrder));
        Assert.False(read.ContainsKey("light"));
        Assert.Equal(AuditSums.MaxSources + 10, read.Values.Sum(counts => counts.Acknowledged));
        Assert.Equal(AuditSums.MaxSources + 5 + 5 - read.Where(source => source.Key != AuditSums.Others).Sum(source => source.Value.Acknowledged), read[AuditSums.Others].Acknowledged);
        Assert.InRange(read.Count, AuditSums.MaxSources, AuditSums.MaxSources + 1);
    }

    private static AuditedRecord Of(string source, AuditOutcome outcome) => new(KeyOrderTests.Event(source), source, 0, 1, 0) { Outcome = outcome };
}
