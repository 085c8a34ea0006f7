using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Fuzz;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Core.Events;

/// <summary>What holds for the readers of events whatever they are given.</summary>
public sealed class EventPropertyTests
{
    private static readonly LogEventReader Reader = new(new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero)));

    [Property(MaxTest = 500)]
    public bool Any_bytes_are_an_event_or_have_a_problem(byte[] bytes)
    {
        var problems = Reader.Read(bytes, out var logEvent);
        return (logEvent is null) == (problems.Count > 0) && IsRecordOrProblem(bytes);
    }

    [Property(MaxTest = 500)]
    public bool A_good_event_is_read_as_it_was_written(int seed)
    {
        var good = GoodEvent.Create(new Random(seed));
        return Reader.Read(good.Json, out var logEvent).Count == 0
            && logEvent!.Id == good.Id && logEvent.Source == good.Source && logEvent.Message == good.Message
            && IsReadBack(logEvent);
    }

    [Property(MaxTest = 2000)]
    public bool Whatever_is_accepted_keeps_every_rule_and_survives_the_record(int seed)
    {
        var random = new Random(seed);
        var bytes = EventMutation.Apply(GoodEvent.Create(random), random);
        if (Reader.Read(bytes, out var logEvent).Count > 0)
        {
            return logEvent is null;
        }
        return Keeps(logEvent!) && IsReadBack(logEvent!);
    }

    [Property(MaxTest = 2000)]
    public bool Broken_bytes_are_refused_or_an_event_that_keeps_every_rule(int seed)
    {
        var random = new Random(seed);
        var bytes = BodyMutation.Apply(GoodEvent.Create(random).Json, random);
        return (Reader.Read(bytes, out var logEvent).Count > 0 ? logEvent is null : Keeps(logEvent!)) && IsRecordOrProblem(bytes);
    }

    [Fact]
    public void Mutations_reach_both_verdicts()
    {
        // Else the properties above would hold of nothing.
        var verdicts = Enumerable.Range(0, 1000)
            .Select(seed => new Random(seed))
            .Select(random => Reader.Read(EventMutation.Apply(GoodEvent.Create(random), random), out _).Count == 0)
            .CountBy(accepted => accepted)
            .ToDictionary();
        Assert.True(verdicts[true] > 20, $"Of 1000 mutations only {verdicts[true]} were accepted.");
        Assert.True(verdicts[false] > 300, $"Of 1000 mutations only {verdicts[false]} were refused.");
    }

    private static bool IsReadBack(LogEvent written)
    {
        var value = LogEventJson.Serialize(written);
        return LogEventJson.TryParseRecord(value, out var read, out _) && read == written && IsRecordOrProblem(value[..^1]);
    }

    private static bool IsRecordOrProblem(byte[] bytes)
    {
        var isRecord = LogEventJson.TryParseRecord(bytes, out var logEvent, out var problem);
        return isRecord == (logEvent is not null) && isRecord == (problem is null);
    }

    private static bool Keeps(LogEvent e) =>
        e.Source.EnumerateRunes().Count() is >= 1 and <= EventRules.MaxSourceCharacters
        && !e.Source.EnumerateRunes().Any(Rune.IsControl)
        && Encoding.UTF8.GetByteCount(e.Message) <= EventRules.MaxMessageBytes
        && !e.Message.Contains('\0', StringComparison.Ordinal)
        && !(e.Attributes ?? "").Contains('\0', StringComparison.Ordinal)
        && e.Timestamp.Offset == TimeSpan.Zero
        && e.Id != Guid.Empty;
}
