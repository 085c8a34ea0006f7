using System.Net;
using System.Text;

namespace LogPartitioning.Tests.Producer.Ingest.Loki;

public sealed class LokiApiTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private static readonly long s_now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    [Fact]
    public async Task A_push_is_answered_204_in_both_forms()
    {
        Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync("application/x-protobuf", PushBytes.Of(("{app=\"a\"}", [new(s_now, "m")]))));
        Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync("application/json", Encoding.UTF8.GetBytes($$$"""{"streams":[{"stream":{"app":"a"},"values":[["{{{s_now}}}","m"]]}]}""")));
        Assert.Equal((HttpStatusCode.NoContent, ""), await PostAsync("application/json", "{\"streams\":[]}"u8.ToArray()));
    }

    [Fact]
    public async Task Entries_that_are_not_taken_are_told_beside_those_that_are()
    {
        var (status, text) = await PostAsync("application/x-protobuf", PushBytes.Of(("{app=\"a\"}", [new(s_now, "m"), new(0, "old"), .. Enumerable.Range(0, 5).Select(_ => new PushBytes.Entry(1, "old"))])));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("6 of 7 entries are not taken, the others are: entry 1: timestamp must be between", text, StringComparison.Ordinal);
        Assert.EndsWith("; …\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_is_not_taken_is_told_by_its_place_in_the_push()
    {
        var (_, text) = await PostAsync("application/x-protobuf", PushBytes.Of(("{app=\"a\"}", [new(s_now, "new"), new(0, "too old"), new(s_now - 1, "m")]), ("nonsense", [new(s_now, "m")])));
        Assert.StartsWith("2 of 4 entries are not taken, the others are: entry 1: timestamp must be between", text, StringComparison.Ordinal);
        Assert.Contains("; entry 3: labels must be", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image/png", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", HttpStatusCode.BadRequest)]
    [InlineData("application/x-protobuf", HttpStatusCode.BadRequest)]
    public async Task What_is_refused_is_told_in_a_text(string type, HttpStatusCode expected)
    {
        var (status, text) = await PostAsync(type, "nonsense"u8.ToArray());
        Assert.Equal(expected, status);
        Assert.EndsWith(".\n", text, StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, string Text)> PostAsync(string type, byte[] body)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new(type) } };
        using var response = await producer.Client.PostAsync("/loki/api/v1/push", content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
