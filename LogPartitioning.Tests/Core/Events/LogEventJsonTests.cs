using System.Text;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Tests.Core.Events;

public sealed class LogEventJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"source":"a","message":"m"}""")]
    [InlineData("""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"info","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    [InlineData("""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Error","message":"m","timestamp":null}""")]
    public void A_record_has_every_field_in_its_canonical_form(string value)
    {
        Assert.False(LogEventJson.TryParseRecord(Encoding.UTF8.GetBytes(value), out _, out var problem));
        Assert.NotEmpty(problem.Rule);
    }

    [Theory]
    [InlineData(""","host":"web-1" """, """{"record.host":"\"web-1\""}""")]
    [InlineData(""","v":1""", null)]
    [InlineData(""","v":2,"span":{"id":7}""", """{"record.span":"{\"id\":7}"}""")]
    [InlineData(""","attributes":{"a":1},"x":null""", """{"a":1,"record.x":"null"}""")]
    [InlineData(""","attributes":{"a":1,"deep":[1,{"b":2}]}""", """{"a":1,"record.attributes.deep":"[1,{\"b\":2}]"}""")]
    [InlineData(""","x":1,"x":2""", """{"record.x":"1","record.x#2":"2"}""")]
    [InlineData(""","nul":"\u0000" """, """{"record.nul":"\"\\u0000\""}""")]
    public void A_record_of_a_later_version_or_of_another_program_is_read_with_what_is_known_and_keeps_the_rest(string more, string? attributes)
    {
        var value = $$"""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Error","message":"m","timestamp":"2026-11-22T07:00:00Z"{{more}}}""";

        Assert.True(LogEventJson.TryParseRecord(Encoding.UTF8.GetBytes(value), out var logEvent, out _));
        Assert.Equal(("a", "m", attributes), (logEvent.Source, logEvent.Message, logEvent.Attributes));
    }

    /// <summary>Work with the square of their number would hold up the partition for hours; it shows in what is allocated.</summary>
    [Fact]
    public void A_record_with_one_unknown_name_over_and_over_again_is_read_like_any_other()
    {
        const int Fields = 20_000;
        var value = Encoding.UTF8.GetBytes(
            $$"""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Error","message":"m","timestamp":"2026-11-22T07:00:00Z"{{string.Concat(Enumerable.Repeat(",\"x\":1", Fields))}}}""");

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(LogEventJson.TryParseRecord(value, out var logEvent, out _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 100_000_000);
        Assert.EndsWith($"\"record.x#{Fields}\":\"1\"}}", logEvent.Attributes, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("\"1\"")]
    [InlineData("1.5")]
    public void The_version_of_a_record_is_a_whole_number(string version)
    {
        var value = $$"""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Error","message":"m","timestamp":"2026-11-22T07:00:00Z","v":{{version}}}""";

        Assert.False(LogEventJson.TryParseRecord(Encoding.UTF8.GetBytes(value), out _, out var problem));
        Assert.Equal("v", problem.Field);
    }

    [Fact]
    public void The_value_is_json_with_the_documented_names()
    {
        var value = LogEventJson.Serialize(new LogEvent(
            Guid.Parse("0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21"), "checkout-7", Severity.Information, "é\"",
            new DateTimeOffset(2026, 11, 22, 7, 0, 0, 123, TimeSpan.Zero), """{"orderId":"42"}"""));
        Assert.Equal(
            """{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"checkout-7","level":"Information","message":"é\"","timestamp":"2026-11-22T07:00:00.123Z","attributes":{"orderId":"42"}}""",
            Encoding.UTF8.GetString(value));
    }
}
