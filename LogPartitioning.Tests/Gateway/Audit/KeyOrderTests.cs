using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Audit;

namespace LogPartitioning.Tests.Gateway.Audit;

public sealed class KeyOrderTests
{
    private static readonly DateTime s_time = new(2026, 11, 22, 7, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void Rows_of_a_key_that_were_written_one_after_another_or_at_once_are_in_order() =>
        Assert.Empty(KeyOrder.Violations([Stored("a", 3, 2), Stored("a", 1, 1), Stored("a", 2, 1), Stored("b", 4, 0)]));

    [Fact]
    public void A_row_that_was_written_before_one_that_stands_before_it_is_counted() =>
        Assert.Equal(new Dictionary<string, int> { ["a"] = 2 }, KeyOrder.Violations([Stored("a", 1, 5), Stored("a", 2, 4), Stored("a", 3, 4), Stored("a", 4, 5)]));

    [Fact]
    public void Keys_partitions_and_logs_are_apart_and_what_is_not_stored_does_not_count() => Assert.Empty(KeyOrder.Violations(
    [
        Stored("a", 1, 5), Stored("a", 2, 1) with { Key = "a-2" }, Stored("a", 2, 1) with { Partition = 1 }, Stored("a", 2, 1) with { Log = 2 },
        new(Event("a"), "a", 0, 1, 2) { Outcome = AuditOutcome.Duplicate, StoredAt = s_time },
    ]));

    internal static AuditedRecord Stored(string source, long offset, int second) =>
        new(Event(source), source, 0, 1, offset) { Outcome = AuditOutcome.Stored, StoredAt = s_time.AddSeconds(second) };

    internal static LogEvent Event(string source) => new(Guid.NewGuid(), source, Severity.Information, "text", s_time, null);
}
