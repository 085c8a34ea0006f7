using System.Net;
using LogPartitioning.Tests.Door;
using LogPartitioning.Tests.ServiceDefaults.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.Tests.Gateway.Ingress;

/// <summary>The paths below <c>/elasticsearch</c> are the client's own, and lead to no other route of the producer.</summary>
public sealed class IngestRoutesTests
{
    private readonly List<(string Path, string Target)> _seen = [];

    /// <summary>The producer takes the gateway's key for everything: a key that may only write must not get further by it.</summary>
    [Theory]
    [InlineData("%252e%252e/api/logs/partition-mapping?source=a")]
    [InlineData("%25252e%25252e/api/logs/partition-mapping?source=a")]
    [InlineData("%2e%2e/api/logs/partition-mapping?source=a")]
    [InlineData("%2E./api/logs/partition-mapping?source=a")]
    [InlineData("../api/logs/partition-mapping?source=a")]
    [InlineData("..%2fapi/logs/partition-mapping?source=a")]
    [InlineData("%2e%2e%2fapi%2flogs%2fpartition-mapping?source=a")]
    [InlineData("a%252f..%252f..%252fapi/logs/partition-mapping?source=a")]
    [InlineData("%2e%2e%5capi/logs/partition-mapping?source=a")]
    [InlineData("..\\api\\logs\\partition-mapping?source=a")]
    [InlineData("%c0%ae%c0%ae/api/logs/partition-mapping?source=a")]
    [InlineData("%2e%2e/api/partition-mapping?source=a")]
    [InlineData("a/../../api/partition-mapping/a")]
    public async Task No_path_leads_to_another_route(string path)
    {
        await using var gateway = await StartAsync();

        var (status, answer) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, Request("PUT", path));

        // The raw path without a backslash's meaning is one of Elasticsearch's own, which the producer then does not know.
        Assert.All(_seen, request => Assert.StartsWith("/elasticsearch/", request.Path, StringComparison.Ordinal));
        Assert.True(_seen.Count > 0 || status is 400 or 403 or 404, answer);
    }

    [Theory]
    [InlineData("_bulk")]
    [InlineData("_bulk?refresh=wait_for&filter_path=a%2Fb")]
    [InlineData("logs-2026.11.28/_bulk")]
    [InlineData("filebeat-8.11.0-2026.11.28-000001/_bulk")]
    [InlineData("%C3%A4rger/_bulk")]
    public async Task Plain_names_pass_as_they_are(string path)
    {
        await using var gateway = await StartAsync();

        var (status, answer) = await RawRequest.SendAsync(gateway.Client.BaseAddress!, Request("POST", path));

        Assert.True(status == (int)HttpStatusCode.OK, answer);
        Assert.Equal($"/elasticsearch/{path}", Assert.Single(_seen).Target);
    }

    private static byte[] Request(string method, string path) => RawRequest.Head(
        $"{method} /elasticsearch/{path}", $"X-Api-Key: {ProtectedService.KeyOf("writer")}", "Content-Type: application/json", "Content-Length: 0");

    private Task<GatewayAlone> StartAsync() => GatewayAlone.StartAsync(
        producer => producer.Run(context =>
        {
            lock (_seen)
            {
                _seen.Add((context.Request.Path.Value!, context.Features.Get<IHttpRequestFeature>()!.RawTarget));
            }

            return Task.CompletedTask;
        }),
        [.. ProtectedService.Key(0, "writer", "write").Select(setting => (setting.Key, setting.Value!)), ("ApiKeys:ServiceKey", "a-key-that-the-services-show-each-other")]);
}
