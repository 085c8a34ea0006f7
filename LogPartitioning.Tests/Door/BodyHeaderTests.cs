using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Producer;

namespace LogPartitioning.Tests.Door;

/// <summary>What may be said of a body: liberal where the meaning is sure, and else refused with the part that is wrong.</summary>
[Trait("Category", "Slow")]
public sealed class BodyHeaderTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const string Event = """{"source":"a","message":"ü"}""";

    [Theory]
    [InlineData("application/json; charset=utf8", null)]
    [InlineData("application/json; charset=us-ascii", null)]
    [InlineData("application/json; charset=\"UTF-8\"", null)]
    [InlineData("Application/JSON;CHARSET=Utf-8", null)]
    [InlineData("application/json;", null)]
    [InlineData("application/json; profile=\"x;y\"; v=1", null)]
    [InlineData("application/vnd.acme.event+json", null)]
    [InlineData("text/json", null)]
    [InlineData("application/json", "identity")]
    [InlineData("application/json", "IDENTITY")]
    [InlineData("application/x-ndjson; charset=UTF8", null)]
    [InlineData("application/jsonl;charset=ASCII", null)]
    public async Task What_is_sure_is_taken(string type, string? encoding)
    {
        await using var gateway = await BeforeProducerAsync();
        var (status, answer) = await PostAsync(gateway, "/api/logs", type, encoding, Event);
        Assert.True(status == HttpStatusCode.Accepted, answer);
        if (!type.Contains("nd", StringComparison.Ordinal) && !type.Contains("jsonl", StringComparison.Ordinal))
        {
            // Refused for what it lacks, and no longer for how it is written.
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(gateway, "/api/consumer/halted/resume", type, encoding, "{}")).Status);
        }
    }

    [Theory]
    [InlineData("application/json; charset=latin1", null, "latin1")]
    [InlineData("application/json; charset=utf-16", null, "utf-16")]
    [InlineData("application/json; charset=utf-8; charset=latin1", null, "latin1")]
    [InlineData("text/plain", null, "text/plain")]
    [InlineData("application/x-www-form-urlencoded", null, "application/x-www-form-urlencoded")]
    [InlineData("application/xml+jsons", null, "application/xml+jsons")]
    [InlineData("json", null, "\"json\"")]
    [InlineData("application/json", "gzip", "\"gzip\"")]
    [InlineData("application/json", "identity, br", "\"br\"")]
    [InlineData(null, null, "no Content-Type")]
    public async Task What_is_not_sure_is_415_and_names_the_part(string? type, string? encoding, string part)
    {
        await using var gateway = await BeforeProducerAsync();
        foreach (var path in new[] { "/api/logs", "/api/consumer/halted/resume", "/api/dead-letters/replay", "/api/consumer/replay" })
        {
            var (status, answer) = await PostAsync(gateway, path, type, encoding, Event);
            Assert.True(status == HttpStatusCode.UnsupportedMediaType, $"{path}: {answer}");
            Assert.Contains(part, JsonNode.Parse(answer)!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("Expect: 100-continue")]
    [InlineData("Expect: 100-Continue")]
    public async Task A_client_that_asks_before_it_sends_is_told_to_go_on(string expect)
    {
        await using var gateway = await BeforeProducerAsync();
        var body = Encoding.UTF8.GetBytes(Event);
        var (first, final, answer) = await RawRequest.AskAsync(
            gateway.Client.BaseAddress!, RawRequest.Head("POST /api/logs", "Content-Type: application/json", $"Content-Length: {body.Length}", expect), body);

        Assert.True((100, 202) == (first, final), answer);
    }

    [Fact]
    public async Task Chunks_a_byte_order_mark_carriage_returns_and_empty_lines_are_taken()
    {
        await using var gateway = await BeforeProducerAsync();
        byte[] body = [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes($"\r\n{Event}\r\n\r\n \t\r\n{Event}\r\n\r\n")];
        var (status, answer) = await RawRequest.SendAsync(
            gateway.Client.BaseAddress!,
            [
                RawRequest.Head("POST /api/logs", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"),
                .. body.SelectMany(b => new byte[][] { [.. "1\r\n"u8, b, .. "\r\n"u8] }),
                [.. "0\r\n\r\n"u8],
            ]);

        Assert.True(status == 202, answer);
        Assert.Contains("\"accepted\":2,\"rejected\":0", answer, StringComparison.Ordinal);
    }

    private Task<GatewayAlone> BeforeProducerAsync() => GatewayAlone.StartAsync(null, ("Gateway:Producer", producer.Client.BaseAddress!.ToString()));

    private static async Task<(HttpStatusCode Status, string Answer)> PostAsync(GatewayAlone gateway, string path, string? type, string? encoding, string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        using var response = await gateway.Client.PostAsync(path, content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
