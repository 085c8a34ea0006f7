using System.Net;
using System.Text.Json.Nodes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Gateway;

/// <summary>The real gateway before a real Redis that holds what no instance ever wrote.</summary>
public sealed class GatewayAndRedisTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static Task<GatewayAlone> StartAsync(RedisServer redis) => GatewayAlone.StartAsync(
        null, ("ConnectionStrings:redis", redis.ConnectionString), ("GroupState:PublishInterval", "00:00:00.100"));

    private static async Task<JsonObject> ReadAsync(GatewayAlone gateway, string path, CancellationToken token = default)
    {
        var response = await gateway.Client.GetAsync(path, token);
        var body = await response.Content.ReadAsStringAsync(token);
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {response.StatusCode} {body}");
        return JsonNode.Parse(body)!.AsObject();
    }

    private static Task<string> SeesReasonAsync(GatewayAlone gateway, string path, string reason) => Eventually.SeesAsync(
        $"{path} with {reason}",
        async token => (await ReadAsync(gateway, path, token)).ToJsonString(),
        answer => answer.Contains("\"live\":false", StringComparison.Ordinal) && answer.Contains(reason, StringComparison.Ordinal),
        s_patience);

    [RedisFact]
    public async Task A_state_with_nulls_ends_nothing_and_the_views_say_which_it_is()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAsync(redis);
        // The state before the name: a name without a state is that of an instance that is gone, and the gateway clears it away.
        await redis.RunAsync("SET", "logpartitioning:instances:consumer-1", "null");
        await redis.RunAsync("ZADD", "logpartitioning:instances", "1", "consumer-1");
        foreach (var state in new[]
        {
            """{"instance":"consumer-1","group":"log-processors","topic":"log-events","startedAt":"2026-11-22T06:00:00Z","at":"2026-11-22T06:00:00Z","workers":null,"partitions":null,"processedByPartition":null,"stores":null}""",
            """{"instance":"consumer-1","group":"log-processors","topic":"log-events","startedAt":"2026-11-22T06:00:00Z","at":"2026-11-22T06:00:00Z","workers":[null],"partitions":[null],"processedByPartition":{}}""",
            "garbage",
        })
        {
            await redis.RunAsync("SET", "logpartitioning:instances:consumer-1", state);
            foreach (var path in new[] { "/api/consumer/health", "/api/consumer/assigned-partitions" })
            {
                await SeesReasonAsync(gateway, path, "logpartitioning:instances:consumer-1: it ");
            }
        }

        await redis.RunAsync("DEL", "logpartitioning:instances:consumer-1");
        await Eventually.SeesAsync(
            "a live view, and the name gone with its state",
            async token => $"{(await ReadAsync(gateway, "/api/consumer/assigned-partitions", token))["live"]} {await redis.RunAsync("ZCARD", "logpartitioning:instances")}",
            seen => seen == "true 0",
            s_patience);
    }

    [RedisFact]
    public async Task Damaged_rebalances_are_left_out_and_counted()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await StartAsync(redis);
        const string Whole = """{"id":"0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10","at":"2026-11-22T07:00:00Z","instance":"consumer-2","group":"log-processors","cause":"join","gained":[4],"givenUp":[]}""";
        await redis.RunAsync(
            "RPUSH", "logpartitioning:rebalances:log-processors", "garbage", "null", Whole, Whole.Replace("[4]", "null", StringComparison.Ordinal), "1e999",
            new string('x', 100_000));

        await Eventually.SeesAsync(
            "one of six rebalances",
            async token => await ReadAsync(gateway, "/api/consumer/rebalances", token),
            view => view["items"]!.AsArray().Count == 1 && view["reason"]!.GetValue<string>().StartsWith("5 of 6 rebalances in Redis cannot be read", StringComparison.Ordinal),
            s_patience);
    }

    [RedisFact]
    public async Task Redis_that_takes_no_writes_is_named_by_view_health_and_probe()
    {
        await using var redis = await RedisServer.StartAsync("--maxmemory-policy", "noeviction");
        await using var gateway = await StartAsync(redis);
        await redis.RunAsync("CONFIG", "SET", "maxmemory", "1");

        foreach (var path in new[] { "/api/consumer/health", "/api/consumer/assigned-partitions" })
        {
            await SeesReasonAsync(gateway, path, "Redis takes no writes, so the instances cannot publish their states. Redis refuses: OOM");
        }

        var check = (await ReadAsync(gateway, "/health"))["checks"]!["redis"]!;
        Assert.Equal("Degraded", check["status"]!.GetValue<string>());
        Assert.Contains("Redis takes no writes", check["description"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
