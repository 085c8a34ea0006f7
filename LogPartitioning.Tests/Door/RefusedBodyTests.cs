using System.Text;
using System.Threading.RateLimiting;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Producer;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.Door;

/// <summary>A request that is refused before its body was read is answered, and not cut: also to clients that send all before they read.</summary>
[Trait("Category", "Slow")]
public sealed class RefusedBodyTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const int TooMuch = 17 * 1024 * 1024;

    private const string Python = """
        import http.client, sys
        c = http.client.HTTPConnection(sys.argv[1], int(sys.argv[2]))
        c.request("POST", sys.argv[3], body=b"[" + b" " * int(sys.argv[5]), headers={"Content-Type": sys.argv[4]})
        print(c.getresponse().status)
        """;

    private const string Node = """
        const [host, port, path, type, size] = process.argv.slice(1);
        const request = require('http').request({ host, port, path, method: 'POST', headers: { 'Content-Type': type, 'Content-Length': +size } },
          response => { console.log(response.statusCode); response.resume(); });
        request.on('error', error => { console.log(error.code); process.exit(0); });
        request.end(Buffer.alloc(+size, 32));
        """;

    private static readonly (string Path, string Type, int Size, int Status)[] s_refusals =
    [
        ("/api/logs", "application/json", TooMuch, 413),
        ("/api/logs", "application/json", TooMuch * 2, 413),
        ("/api/dead-letters/replay", "application/json", TooMuch, 413),
        ("/api/logs", "text/plain", TooMuch - (2 * 1024 * 1024), 415),
        ("/api/consumer/replay", "text/plain", TooMuch, 415),
        ("/api/logs?limt=1", "application/json", TooMuch, 400),
        ("/api/nothing", "application/json", TooMuch, 404),
        ("/api/scaling", "application/json", TooMuch, 405),
    ];

    [Fact]
    public async Task A_client_that_sends_all_before_it_reads_gets_its_answer()
    {
        await using var gateway = await BeforeProducerAsync();
        var asked = s_refusals.Select(refusal => (Server: gateway.Client.BaseAddress!, Refusal: refusal))
            .Concat(s_refusals.Where(refusal => refusal.Path.StartsWith("/api/logs", StringComparison.Ordinal)).Select(refusal => (Server: producer.Client.BaseAddress!, Refusal: refusal)));
        foreach (var (server, (path, type, size, status)) in asked)
        {
            var piece = new byte[size / 16];
            var whole = Enumerable.Repeat(piece, 16).ToList();
            Assert.Equal(status, (await RawRequest.SendAsync(
                server, [RawRequest.Head($"POST {path}", $"Content-Type: {type}", $"Content-Length: {piece.Length * 16}"), .. whole])).Status);
            var length = Encoding.ASCII.GetBytes($"{piece.Length:x}\r\n");
            Assert.Equal(status, (await RawRequest.SendAsync(
                server,
                [
                    RawRequest.Head($"POST {path}", $"Content-Type: {type}", "Transfer-Encoding: chunked"),
                    .. whole.Select(part => (byte[])[.. length, .. part, .. "\r\n"u8]),
                    [.. "0\r\n\r\n"u8],
                ])).Status);
        }
    }

    [Theory]
    [InlineData("python3")]
    [InlineData("node")]
    [InlineData("curl")]
    public async Task Clients_that_are_installed_get_their_answer(string client)
    {
        if (InstalledPrograms.Find(client) is null)
        {
            return;
        }

        await using var gateway = await BeforeProducerAsync();
        foreach (var (path, type, size, status) in s_refusals)
        {
            Assert.Equal($"{status}", await AskAsync(client, gateway.Client.BaseAddress!, path, type, size));
        }
    }

    [Theory]
    [InlineData("python3")]
    [InlineData("node")]
    [InlineData("curl")]
    public async Task A_client_that_is_too_fast_gets_its_429(string client)
    {
        if (InstalledPrograms.Find(client) is null)
        {
            return;
        }

        // The gateway's own rule gives a token back each second, and a client may take longer than that to start.
        await using var gateway = await GatewayAlone.StartWithAsync(services => services.PostConfigure<RateLimiterOptions>(limiter =>
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(_ => RateLimitPartition.GetTokenBucketLimiter(
                "all", _ => new() { TokenLimit = 1, TokensPerPeriod = 1, ReplenishmentPeriod = TimeSpan.FromHours(1), AutoReplenishment = false, QueueLimit = 0 }))));
        await gateway.Client.GetAsync("/api/scaling");

        Assert.Equal("429", await AskAsync(client, gateway.Client.BaseAddress!, "/api/logs", "application/json", TooMuch));
    }

    [Fact]
    public async Task A_refused_connection_can_be_used_again_when_its_body_was_read_to_the_end()
    {
        await using var gateway = await BeforeProducerAsync();
        var (_, answer) = await RawRequest.SendAsync(
            gateway.Client.BaseAddress!,
            Encoding.ASCII.GetBytes($"POST /api/logs HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: {TooMuch}\r\n\r\n"),
            new byte[TooMuch],
            RawRequest.Head("GET /alive"));

        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_asks_before_it_sends_is_refused_at_once()
    {
        await using var gateway = await BeforeProducerAsync();
        var (first, _, answer) = await RawRequest.AskAsync(
            gateway.Client.BaseAddress!,
            RawRequest.Head("POST /api/logs", "Content-Type: application/json", $"Content-Length: {TooMuch}", "Expect: 100-continue"),
            []);

        Assert.True(first == 413, answer);
        Assert.Contains("16777216 bytes", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("100 Continue", answer, StringComparison.Ordinal);
    }

    private Task<GatewayAlone> BeforeProducerAsync() => GatewayAlone.StartAsync(null, ("Gateway:Producer", producer.Client.BaseAddress!.ToString()));

    private static async Task<string> AskAsync(string client, Uri server, string path, string type, int size)
    {
        if (client != "curl")
        {
            return (await ChildProgram.RunAsync(client, [client == "node" ? "-e" : "-c", client == "node" ? Node : Python, server.Host, $"{server.Port}", path, type, $"{size}"])).Trim();
        }

        using var folder = new TemporaryFolder();
        var body = Path.Combine(folder.Path, "body");
        await File.WriteAllBytesAsync(body, new byte[size]);
        return (await ChildProgram.RunAsync("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", $"Content-Type: {type}", "--data-binary", $"@{body}", $"{new Uri(server, path)}"])).Trim();
    }
}
