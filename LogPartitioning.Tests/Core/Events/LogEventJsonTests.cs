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
