using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Gateway.Audit;

namespace LogPartitioning.Tests.Gateway.Audit;

public sealed class KeptTimeTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);
    private static readonly StoreOptions s_store = new() { RetentionDays = 30, IdWindowDays = 7, RetentionDaysByLevel = new Dictionary<string, int> { ["Debug"] = 1 } };

    [Theory]
    [InlineData(Severity.Information, 29 * 24, 1, AuditOutcome.Missing)]
    [InlineData(Severity.Information, 30 * 24, 1, AuditOutcome.Expired)]
    [InlineData(Severity.Debug, 22, 1, AuditOutcome.Missing)]
    [InlineData(Severity.Debug, 24, 1, AuditOutcome.Expired)]
    [InlineData(Severity.Error, 1, 6 * 24, AuditOutcome.Missing)]
    [InlineData(Severity.Error, 1, 7 * 24, AuditOutcome.Expired)]
    [InlineData(Severity.Error, 1, null, AuditOutcome.Missing)]
    public void What_was_not_found_is_missing_as_long_as_it_would_be_kept(Severity level, int timestampHours, int? appendedHours, object outcome)
    {
        var record = Record(level, timestampHours, appendedHours);

        KeptTime.MarkExpired([record], s_store, s_now);

        Assert.Equal(outcome, record.Outcome);
    }

    [Fact]
    public void What_was_found_stays_found()
    {
        var record = Record(Severity.Debug, 48, 48);
        record.Outcome = AuditOutcome.Stored;

        KeptTime.MarkExpired([record], s_store, s_now);

        Assert.Equal(AuditOutcome.Stored, record.Outcome);
    }

    private static AuditedRecord Record(Severity level, int timestampHours, int? appendedHours) =>
        new(new LogEvent(Guid.NewGuid(), "a", level, "text", s_now.AddHours(-timestampHours), null), "a", 0, 1, 0)
        {
            AppendedAt = appendedHours is { } hours ? s_now.AddHours(-hours) : null,
        };
}
