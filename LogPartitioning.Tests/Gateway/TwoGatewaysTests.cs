using System.Diagnostics.Metrics;
using System.Text.Json;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Gateway.Group;
using LogPartitioning.Tests.Core.GroupState;
using LogPartitioning.Tests.Core.Lag;
using LogPartitioning.Tests.Servers;
using Microsoft.Extensions.DependencyInjection;
using static LogPartitioning.Tests.Core.Lag.Readings;

namespace LogPartitioning.Tests.Gateway;

/// <summary>Two gateways before one group: a sum over their metrics counts the lag of a partition that nobody has once.</summary>
public sealed class TwoGatewaysTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static Task<GatewayAlone> StartAsync(RedisServer redis) => GatewayAlone.StartWithAsync(
        services => services.AddSingleton<IGroupOffsetsSource>(new ScriptedOffsets
        {
            Next = () => Offsets(DateTimeOffset.UtcNow, Partition(0, 17, 0), Partition(1, 10, 10)),
        }),
        null,
        ("ConnectionStrings:redis", redis.ConnectionString), ("GroupState:PublishInterval", "00:00:00.200"), ("GroupState:TimeToLive", "00:00:03"),
        ("Lag:Interval", "00:00:00.250"));

    /// <summary>What each gateway exports as the lag of partition 0. In one process their <c>/metrics</c> would show it together.</summary>
    private static string Lags(params GatewayAlone[] gateways) => string.Join(' ', gateways.Select(gateway =>
    {
        var lag = "-";
        var factory = gateway.Services.GetRequiredService<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "kafka_consumer_lag" && instrument.Meter.Scope == factory)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.ToArray().Contains(new("partition", 0)))
            {
                lag = $"{value}";
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return lag;
    }));

    private static Task<string> SeesAsync(string what, Func<string, bool> expected, params GatewayAlone[] gateways) =>
        Eventually.SeesAsync(what, _ => Task.FromResult(Lags(gateways)), expected, s_patience);

    /// <summary>Waits until each would export, if it were alone.</summary>
    private static Task<bool> SeesBothReadyAsync(params GatewayAlone[] gateways) => Eventually.SeesAsync(
        "a partition that nobody has, for longer than the grace",
        _ => Task.FromResult(gateways.All(gateway => gateway.Services.GetRequiredService<UnownedPartitions>().At(DateTimeOffset.UtcNow).Contains(0)
            && gateway.Services.GetRequiredService<RedisLease>().IsHeld is not null)),
        ready => ready,
        s_patience);

    [RedisFact]
    public async Task One_of_them_exports_and_the_other_when_that_one_goes()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var second = await StartAsync(redis);
        GatewayAlone first;
        await using (first = await StartAsync(redis))
        {
            await SeesBothReadyAsync(first, second);
            var seen = new List<string>();
            await SeesAsync(
                "twenty looks at the lag",
                lags =>
                {
                    seen.Add(lags);
                    return seen.Count == 20;
                },
                first, second);
            Assert.True(seen.Distinct().Single() is "17 -" or "- 17", string.Join(", ", seen.Distinct()));
        }

        await SeesAsync("the lag from the one that is left", lags => lags == "17", second);
    }

    [RedisFact]
    public async Task Without_Redis_each_exports_so_that_none_is_missing()
    {
        var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        await SeesBothReadyAsync(first, second);
        Assert.True(Lags(first, second) is "17 -" or "- 17");

        await redis.DisposeAsync();

        await SeesAsync("the lag from both", lags => lags == "17 17", first, second);
    }

    [RedisFact]
    public async Task Both_tell_of_consumers_that_share_a_name()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis);
        await using var second = await StartAsync(redis);
        var client = await redis.ConnectAsync();
        InstancePublisher[] consumers =
        [
            .. Enumerable.Range(0, 2).Select(_ => new InstancePublisher(client, new() { Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System, new LogListener<InstancePublisher>((_, _) => { }))),
        ];

        foreach (var gateway in new[] { first, second })
        {
            await Eventually.SeesAsync(
                "the shared name",
                async token =>
                {
                    foreach (var consumer in consumers)
                    {
                        Assert.Null(await consumer.PublishAsync(GroupSamples.Instance, token));
                    }

                    return JsonDocument.Parse(await gateway.Client.GetStringAsync("/api/consumer/health", token)).RootElement.GetProperty("reasons").ToString();
                },
                reasons => reasons.Contains("2 consumers call themselves consumer-1: give each", StringComparison.Ordinal),
                s_patience);
        }
    }
}
