using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.LoadTest.Sending;
using LogPartitioning.LoadTest.Traffic;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Gateway;
using LogPartitioning.Tests.Observability;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>What an operator sees while events wait, on real servers.</summary>
[Trait("Category", "Brokers")]
[Collection(SharedApplication.Name)]
public sealed class LagTests(ApplicationFixture fixture)
{
    private const int Events = 12_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly RunningApplication _application = fixture.Application;

    [PrometheusFact(Servers = true)]
    public async Task Events_that_nobody_consumes_are_lag_until_one_consumer_has_worked_them_off()
    {
        await SeesLagAsync(lag => lag.Total == 0);
        await Task.WhenAll(_application.Consumers.Select(_application.StopAsync));
        try
        {
            await using var load = await AuditedLoad.StartAsync(_application, new SyntheticTraffic
            {
                Events = Events,
                Sources = 48,
                SourcePrefix = "lag",
                Sending = new SendingOptions { Batch = 250 },
            });
            await load.Completion.WaitAsync(Patience);

            var waiting = await SeesLagAsync(lag => lag.Total == Events && lag.Verdict == "STOP");
            Assert.Equal(Events, waiting.OfPartitions);
            await SeesExportedAsync(Events);

            await _application.StartAsync("consumer-1");
            await SeesLagAsync(lag => lag is { Total: 0, Verdict: "OK" });
            await SeesExportedAsync(0);
            load.AssertPassed(await load.AuditAsync(Patience));
        }
        finally
        {
            await _application.StartAllAsync(Patience);
            await GroupAssignment.SeesSpreadAsync(_application, "3+3+3+3");
        }
    }

    [ServerFact]
    public async Task A_group_that_never_committed_has_every_record_as_lag()
    {
        using var answer = await _application.Gateway.PostAsJsonAsync("/api/logs", new { source = "never-committed", message = "so that there is one at least" });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await using var gateway = await GatewayAlone.StartAsync(
            producer: null,
            ("ConnectionStrings:kafka", _application.BootstrapServers),
            ("Kafka:Group", "never-committed"),
            ("Kafka:BrokerVersion", KafkaAccess.OptionsOf(_application).BrokerVersion ?? ""),
            ("Lag:Timeout", "00:00:05"),
            ("Lag:Interval", "00:00:01"));
        var records = Records();
        Assert.True(records.Values.Sum() > 0);

        var lag = await Eventually.SeesAsync(
            "the lag of a group that nobody has heard of",
            token => LagAsync(gateway.Client, token),
            lag => lag.Partitions.Count == records.Count,
            Patience);

        Assert.Equal(records.Values.Sum(), lag.Total);
        Assert.Equal(records, lag.Partitions);
        Assert.Equal("STOP", lag.Verdict);
    }

    /// <summary>Records in each partition, from the brokers themselves.</summary>
    private SortedDictionary<int, long> Records()
    {
        var kafka = KafkaAccess.OptionsOf(_application);
        using var client = new ConsumerBuilder<Ignore, Ignore>(KafkaAccess.Configure(_application, new ConsumerConfig { GroupId = "counts-records" })).Build();
        var records = new SortedDictionary<int, long>();
        for (var partition = 0; partition < kafka.Partitions; partition++)
        {
            var bounds = client.QueryWatermarkOffsets(new(kafka.Topic, partition), TimeSpan.FromSeconds(10));
            records[partition] = bounds.High.Value - bounds.Low.Value;
        }

        return records;
    }

    private async Task<Lag> SeesLagAsync(Func<Lag, bool> expected) =>
        await Eventually.SeesAsync("lag in the gateway", token => LagAsync(_application.Gateway, token), expected, Patience);

    private async Task SeesExportedAsync(long expected)
    {
        var prometheus = new PrometheusQueries(_application.Client("prometheus"));
        await Eventually.SeesAsync(
            "sum(kafka_consumer_lag)",
            async token => (await prometheus.QueryAsync("sum(kafka_consumer_lag)", token)).SingleOrDefault()?.Value,
            sum => sum == expected,
            Patience);
    }

    private static async Task<Lag> LagAsync(HttpClient gateway, CancellationToken cancellationToken)
    {
        using var answer = await gateway.GetAsync(new Uri("/api/consumer/lag", UriKind.Relative), cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            return new Lag(-1, await answer.Content.ReadAsStringAsync(cancellationToken), []);
        }

        var lag = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return new Lag(
            lag.GetProperty("totalLag").GetInt64(),
            lag.GetProperty("verdict").GetString()!,
            new(lag.GetProperty("partitions").EnumerateArray().ToDictionary(p => p.GetProperty("partition").GetInt32(), p => p.GetProperty("lag").GetInt64())));
    }

    private sealed record Lag(long Total, string Verdict, SortedDictionary<int, long> Partitions)
    {
        public long OfPartitions => Partitions.Values.Sum();
    }
}
