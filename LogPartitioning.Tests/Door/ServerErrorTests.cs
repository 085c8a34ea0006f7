using System.Text;
using System.Text.Json;
using LogPartitioning.Tests.Gateway;

namespace LogPartitioning.Tests.Door;

/// <summary>What the server refuses is a problem with its limit in the text, as what the services refuse is.</summary>
[Trait("Category", "Slow")]
public sealed class ServerErrorTests
{
    public static TheoryData<string, string[], int, string> Refused => new()
    {
        { $"GET /api/logs?source={new string('a', 9_000)}", [], 414, "8192 bytes" },
        { $"GET /{new string('a', 15_000)}", [], 414, "8192 bytes" },
        { "GET /api/logs", [.. Enumerable.Range(0, 101).Select(i => $"X-{i}: 1")], 431, "100 headers" },
        { "GET /api/logs", [.. Enumerable.Repeat("X-Same: 1", 101)], 431, "100 headers" },
        { "GET /api/logs", [$"Cookie: {new string('a', 33_000)}"], 431, "32768 bytes" },
        { "POST /api/logs", [$"Cookie: {new string('a', 60_000)}", "Content-Length: 2"], 431, "32768 bytes" },
        { "BREW /api/logs", [], 405, "GET, POST" },
        { "DELETE /api/scaling", [], 405, "GET" },
        { "GET /nothing", [], 404, "/openapi/v1.json" },
        { "POST /api/consumer/replay", ["Content-Type: multipart/form-data; boundary=x", "Content-Length: 2"], 415, "multipart/form-data" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task An_error_of_the_server_is_a_problem_with_its_limit(string requestLine, string[] headers, int status, string limit)
    {
        await using var gateway = await GatewayAlone.StartAsync();
        var body = headers.Contains("Content-Length: 2") ? "{}"u8.ToArray() : [];

        var (answered, answer) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, RawRequest.Head(requestLine, headers), body);

        Assert.True(status == answered, answer);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
        var problem = JsonElement.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)]);
        Assert.Contains(limit, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("traceId").GetString()!);
    }

    [Fact]
    public async Task What_is_at_its_limit_is_let_in()
    {
        await using var gateway = await GatewayAlone.StartAsync();
        const string Path = "/api/scaling/history";
        string[] headers = [.. Enumerable.Range(0, 98).Select(i => $"X-{i}: {new string('a', 300)}")];

        var (status, answer) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, RawRequest.Head($"GET {Path}", headers));

        Assert.True(status == 200, answer);
        Assert.InRange(Encoding.ASCII.GetByteCount(string.Concat(headers)), 29_000, 32_768);
    }

    [Theory]
    [InlineData("G(T / HTTP/1.1\r\n\r\n", 0, 400, "request line")]
    [InlineData("GET / HTTP/7.0\r\nHost: x\r\n\r\n", 0, 505, "HTTP/1.1")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 0, 400, "Host")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nBroken header\r\n\r\n", 0, 400, "a colon")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 0, 400, "length")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nCookie: ", 3_000_000, 431, "32768 bytes")]
    [InlineData("GET /", 60_000, 414, "8192 bytes")]
    [InlineData("GET /", 3_000_000, 414, "8192 bytes")]
    [InlineData("GET /alive HTTP/1.1\r\nHost: x\r\n\r\nG(T / HTTP/1.1\r\n\r\n", 0, 200, "request line")]
    public async Task What_the_server_does_not_hand_on_is_a_problem_too(string bytes, int more, int status, string told)
    {
        await using var gateway = await GatewayAlone.StartAsync();
        var (answered, answer) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, [.. Encoding.ASCII.GetBytes(bytes), .. Encoding.ASCII.GetBytes(new string('a', more))]);

        Assert.True(status == answered, answer);
        var problem = answer[Math.Max(0, answer.LastIndexOf("Content-Type: application/problem+json\r\n", StringComparison.Ordinal))..];
        Assert.Contains(told, JsonElement.Parse(problem[problem.IndexOf('{', StringComparison.Ordinal)..]).GetProperty("detail").GetString(), StringComparison.OrdinalIgnoreCase);
    }
}
