using System.Text.Json;
using LogPartitioning.LoadTest.Gateway;
using LogPartitioning.LoadTest.Sending;

namespace LogPartitioning.Tests.LoadTest.Sending;

public sealed class LogsAnswerTests
{
    [Fact]
    public void Results_are_read_by_their_index_whatever_their_order()
    {
        var outcomes = Read(
            """
            {"accepted":1,"rejected":2,"results":[
              {"index":2,"status":"rejected","error":"the brokers did not answer","retry":true},
              {"index":0,"status":"accepted","id":"x","key":"a-2","partition":4,"offset":17},
              {"index":1,"status":"rejected","error":"source is required"}]}
            """, 3);

        Assert.Equal([EventStatus.Acknowledged, EventStatus.Rejected, EventStatus.Unknown], outcomes.Select(o => o.Status));
        Assert.Equal(new EventOutcome(EventStatus.Acknowledged, 4, 17, "a-2"), outcomes[0]);
        Assert.Equal("source is required", outcomes[1].Error);
    }

    [Theory]
    [InlineData("""{"results":[{"index":0,"status":"accepted","partition":4,"offset":17}]}""")]
    [InlineData("""{"results":[{"index":0,"status":"accepted","partition":4,"offset":17},{"index":1,"status":"accepted","id":"x"}]}""")]
    [InlineData("""{"results":[{"index":0,"status":"accepted","partition":4,"offset":17},{"index":1,"status":"queued"}]}""")]
    public void What_the_answer_does_not_settle_is_unknown(string json) =>
        Assert.Equal([EventStatus.Acknowledged, EventStatus.Unknown], Read(json, 2).Select(o => o.Status));

    [Theory]
    [InlineData("{}", 2)]
    [InlineData("""{"results":[{"index":5,"status":"accepted","partition":4,"offset":17}]}""", 2)]
    public void An_answer_of_another_shape_is_an_error(string json, int count) =>
        Assert.Throws<JsonException>(() => Read(json, count));

    [Theory]
    [InlineData("""{"title":"Unavailable","detail":"No broker answers."}""", "Unavailable: No broker answers.")]
    [InlineData("""{"detail":"No broker answers."}""", "No broker answers.")]
    [InlineData("<html>", "<html>")]
    [InlineData("", "")]
    public void Problem_details_are_told_in_words(string body, string expected) =>
        Assert.Equal(expected, GatewayJson.ProblemText(body));

    private static EventOutcome[] Read(string json, int count) =>
        JsonSerializer.Deserialize<LogsAnswer>(json, GatewayJson.Options)!.Outcomes(count);
}
