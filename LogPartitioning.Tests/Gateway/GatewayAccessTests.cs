using System.Net;
using System.Text;
using LogPartitioning.Tests.ServiceDefaults.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Tests.Gateway;

/// <summary>The gateway lets clients in with their keys, and shows its own to the producer.</summary>
public sealed class GatewayAccessTests
{
    private const string ServiceKey = "a-key-that-the-services-show-each-other";

    [Theory]
    [InlineData("POST", "/api/logs", "writer")]
    [InlineData("PUT", "/api/partition-mapping/web-1", "operator")]
    [InlineData("GET", "/api/partition-mapping", "reader")]
    public async Task The_producer_sees_the_services_key_and_never_the_clients(string method, string path, string name)
    {
        var seen = new List<string>();
        await using var gateway = await StartAsync(seen, ServiceKey);
        foreach (var header in new[] { "X-Api-Key", "Authorization" })
        {
            using var request = new HttpRequestMessage(new(method), path);
            request.Headers.Add(header, (header == "Authorization" ? "Bearer " : "") + ProtectedService.KeyOf(name));
            if (method != "GET")
            {
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            }

            using var answer = await gateway.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal([$"Bearer {ServiceKey} / ", $"Bearer {ServiceKey} / "], seen);
    }

    [Fact]
    public async Task Wrong_keys_count_as_requests_of_their_address()
    {
        await using var gateway = await StartAsync([], ServiceKey, null, ("Gateway:RequestsPerSecond", "1"), ("Gateway:Burst", "3"));
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/logs") { Headers = { { "X-Api-Key", $"guess {i}" } } };
            using var answer = await gateway.Client.SendAsync(request);
            statuses.Add((int)answer.StatusCode);
        }

        Assert.Equal([401, 401, 401, 429], statuses);
    }

    [Fact]
    public async Task A_request_that_is_refused_does_not_reach_the_producer()
    {
        var seen = new List<string>();
        await using var gateway = await StartAsync(seen, ServiceKey);
        foreach (var (key, status) in new[] { (null, 401), ("unknown", 401), (ProtectedService.KeyOf("reader"), 403) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
            if (key is not null)
            {
                request.Headers.Add("X-Api-Key", key);
            }

            using var answer = await gateway.Client.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
        }

        Assert.Empty(seen);
    }

    [Fact]
    public async Task Without_a_services_key_the_producer_sees_none()
    {
        var seen = new List<string>();
        await using var gateway = await StartAsync(seen, serviceKey: null);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/logs") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Api-Key", ProtectedService.KeyOf("writer"));

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Equal([" / "], seen);
    }

    [Theory]
    [InlineData("/api/partition-mapping/web-1", "/api/partition-mapping/web-1")]
    [InlineData("/api/partition-mapping?source=..%2F%0Aweb", "/api/partition-mapping ..%2F%0Aweb")]
    public async Task The_record_of_a_command_names_the_source_whichever_way_it_came(string path, string target)
    {
        var lines = new ProtectedService.Lines();
        await using var gateway = await StartAsync([], ServiceKey, lines);
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        request.Headers.Add("X-Api-Key", ProtectedService.KeyOf("operator"));

        using var answer = await gateway.Client.SendAsync(request);

        Assert.Contains($" on {target} by the key operator ", Assert.Single(lines.Written, line => line.Category == "LogPartitioning.Audit").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "partitions all")]
    [InlineData("resume", "partitions all")]
    [InlineData("move/preview", "partitions all, to end")]
    [InlineData("move", "partitions all, to end")]
    public async Task Who_may_read_alone_sees_the_partitions_and_neither_pauses_nor_moves_them(string command, string target)
    {
        var lines = new ProtectedService.Lines();
        await using var gateway = await StartAsync([], ServiceKey, lines);
        var body = "{\"partitions\":\"all\"" + (command.StartsWith("move", StringComparison.Ordinal) ? ",\"to\":\"end\"" : "") + (command == "move" ? ",\"expected\":{\"0\":1}}" : "}");
        // The brokers and the database are not there.
        foreach (var (key, path, expected) in new[] { ("reader", command, 403), ("operator", command, 503), ("reader", "", 503), ("operator", "", 403) })
        {
            using var request = new HttpRequestMessage(path.Length == 0 ? HttpMethod.Get : HttpMethod.Post, $"/api/operate/{path}".TrimEnd('/'));
            request.Headers.Add("X-Api-Key", ProtectedService.KeyOf(key));
            request.Content = path.Length == 0 ? null : new StringContent(body, Encoding.UTF8, "application/json");

            using var answer = await gateway.Client.SendAsync(request);

            Assert.Equal((key, path, expected), (key, path, (int)answer.StatusCode));
        }

        Assert.Contains(lines.Written, line => line.Category == "LogPartitioning.Audit" && line.Text.Contains($" on /api/operate/{command} {target} by the key operator ", StringComparison.Ordinal));
    }

    private static Task<GatewayAlone> StartAsync(List<string> seen, string? serviceKey, ILoggerProvider? log = null, params (string, string)[] settings) => GatewayAlone.StartWithAsync(
        services =>
        {
            if (log is not null)
            {
                services.AddSingleton(log);
            }
        },
        producer => producer.Run(async context =>
        {
            lock (seen)
            {
                seen.Add($"{context.Request.Headers.Authorization} / {context.Request.Headers["X-Api-Key"]}");
            }

            await context.Response.WriteAsJsonAsync(new { partitions = 12, sources = Array.Empty<string>(), load = Array.Empty<string>() });
        }),
        [
            .. ProtectedService.Key(0, "writer", "write").Concat(ProtectedService.Key(1, "reader", "read")).Concat(ProtectedService.Key(2, "operator", "operate")).Select(setting => (setting.Key, setting.Value!)),
            .. serviceKey is null ? Array.Empty<(string, string)>() : [("ApiKeys:ServiceKey", serviceKey)],
            .. settings,
        ]);
}
