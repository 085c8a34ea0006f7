using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Observability;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Integration;

/// <summary>An application that is audited all the time, and sends a canary.</summary>
public sealed class AuditedApplication() : StartedApplication(new ApplicationOptions
{
    ConsumerReplicas = 1,
    Settings = new Dictionary<string, string> { ["Audit:Interval"] = "00:00:05", ["Audit:CanaryInterval"] = "00:00:01" },
});

/// <summary>What the audit finds of real traffic: what is as promised, and what a store that loses rows or turns them round has made of it.</summary>
public sealed class AuditTests(AuditedApplication fixture) : IClassFixture<AuditedApplication>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly RunningApplication _application = fixture.Application;
    private readonly KafkaOptions _kafka = KafkaAccess.OptionsOf(fixture.Application);
    private readonly string _source = $"audit-{Guid.NewGuid():N}"[..20];

    [ServerFact]
    public async Task What_is_stored_sent_again_or_set_aside_is_as_promised()
    {
        var events = Enumerable.Range(0, 40).Select(i => Event(i) with { Attributes = """{"n":1}""" }).ToList();
        var others = events.Take(3).Select(one => one with { Message = "another" }).Append(events[3] with { Attributes = """{"n":2}""" });
        Produce([.. events, .. events.Take(10), events[0] with { Attributes = """{"n":1.0}""" }, .. others]);
        // The time is the event's own only where its sender says so.
        Produce([events[4] with { Timestamp = events[4].Timestamp.AddSeconds(1) }]);
        Produce([events[5] with { Timestamp = events[5].Timestamp.AddSeconds(1) }], sentTimestamp: true);

        await SeesCountsAsync(57, stored: 40, duplicate: KafkaAccess.HasHeaders ? 12 : 13, deadLetters: KafkaAccess.HasHeaders ? 5 : 4);
        var audit = await AuditAsync();
        Assert.Equal(JsonValueKind.Null, audit.GetProperty("problem").ValueKind);
        Assert.Empty(audit.GetProperty("last").GetProperty("unread").EnumerateArray());
    }

    [ServerFact]
    public async Task What_an_operator_moves_the_group_past_is_skipped_and_not_missing()
    {
        var partition = PartitionOf(_source);
        Produce([Event(0)]);
        await SeesCountsAsync(1, stored: 1);
        await AcceptsAsync("pause", new { partitions = new[] { partition } });
        try
        {
            Produce([.. Enumerable.Range(1, 20).Select(Event)]);
            using var preview = await _application.Gateway.PostAsJsonAsync("/api/operate/move/preview", new { partitions = new[] { partition }, shiftBy = 15 });
            var from = (await preview.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("partitions")[0].GetProperty("from").GetInt64();
            await AcceptsAsync("move", new { partitions = new[] { partition }, shiftBy = 15, expected = new Dictionary<string, long> { [$"{partition}"] = from } });
        }
        finally
        {
            await AcceptsAsync("resume", new { partitions = "all" });
        }

        await SeesCountsAsync(21, stored: 6, skipped: 15);
    }

    [ServerFact]
    public async Task Rows_that_the_store_loses_or_turns_round_are_an_alarm()
    {
        await _application.Logs.ExecuteAsync($"""
            CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF NEW.source = '{_source}-lost' THEN RETURN NULL; END IF;
              NEW.stored_at := now() - make_interval(secs => NEW."offset");
              RETURN NEW;
            END $$;
            CREATE TRIGGER spoil BEFORE INSERT ON log_events FOR EACH ROW WHEN (NEW.source LIKE '{_source}-%') EXECUTE FUNCTION spoil();
            """);
        try
        {
            Produce([.. Enumerable.Range(0, 5).Select(i => Event(i) with { Source = $"{_source}-lost" })]);
            Produce([.. Enumerable.Range(0, 4).Select(i => Event(i) with { Source = $"{_source}-turned" })]);

            await SeesAsync($"{_source}-lost", (5, 0, 0, 0, 0, 5, 0));
            await SeesAsync($"{_source}-turned", (4, 4, 0, 0, 0, 0, 3));
        }
        finally
        {
            await _application.Logs.ExecuteAsync("DROP TRIGGER spoil ON log_events; DROP FUNCTION spoil()");
        }

        var missing = (await AuditAsync()).GetProperty("missing").EnumerateArray().Where(one => one.GetProperty("partition").GetInt32() == PartitionOf($"{_source}-lost")).ToList();
        Assert.Equal(5, missing.Count);
        var overview = await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/overview");
        Assert.Equal("unhealthy", overview.GetProperty("status").GetString());
        Assert.Contains(overview.GetProperty("alarms").EnumerateArray(), alarm => alarm.GetString()!.Contains("in the store nowhere", StringComparison.Ordinal));
        Assert.Equal(3, await ServiceMetrics.CounterAsync(_application, "gateway", "log_audit_out_of_order_total", CancellationToken.None));
        Assert.Contains("log_audit_records_total{outcome=\"missing\"} 5", await _application.Gateway.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
    }

    [ServerFact]
    public async Task The_canary_comes_back_and_can_be_read()
    {
        var canary = await Eventually.SeesAsync(
            "three round trips",
            async token => (await AuditAsync(token)).GetProperty("canary"),
            seen => seen.GetProperty("trips").EnumerateArray().Count(trip => trip.GetProperty("ms").ValueKind == JsonValueKind.Number) >= 3,
            s_patience);

        Assert.True(canary.GetProperty("on").GetBoolean());
        Assert.InRange(canary.GetProperty("medianMs").GetDouble(), 1, 30_000);
        var stored = await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/logs?source=logpartitioning.canary&limit=10");
        Assert.InRange(stored.GetProperty("items").GetArrayLength(), 3, 10);
    }

    [PrometheusFact(Servers = true)]
    public async Task The_canarys_round_trip_is_in_Prometheus_and_on_the_dashboard()
    {
        var prometheus = new PrometheusQueries(_application.Client("prometheus"));

        await new ExpressionProbe(prometheus).SeesCanaryAsync(s_patience);

        foreach (var name in DocumentedMetric.All.Where(metric => metric.NeedsCanary).SelectMany(metric => metric.SeriesNames))
        {
            var sample = Assert.Single((await prometheus.QueryAsync(name, CancellationToken.None)).DistinctBy(sample => string.Join(',', sample.Labels.Keys.Order())));
            Assert.Equal("gateway", sample.Labels["instance"]);
            Assert.Empty(sample.Labels.Keys.Except(["__name__", "instance", "job", "le"]));
        }
    }

    private LogEvent Event(int number) => new(Guid.CreateVersion7(), _source, Severity.Information, $"event {number}", new(DateTime.UtcNow.Date, TimeSpan.Zero), null);

    private int PartitionOf(string key) => KeyPartitioner.PartitionOf(key, _kafka.Partitions);

    private void Produce(IReadOnlyList<LogEvent> events, bool sentTimestamp = false)
    {
        var headers = new Headers();
        if (sentTimestamp && KafkaAccess.HasHeaders)
        {
            SentTimestamp.Add(headers);
        }

        using var producer = new ProducerBuilder<string, byte[]>(KafkaAccess.Configure(_application, new ProducerConfig())).Build();
        foreach (var one in events)
        {
            producer.Produce(new TopicPartition(_kafka.Topic, PartitionOf(one.Source)), new() { Key = one.Source, Value = LogEventJson.Serialize(one), Headers = headers });
        }

        Assert.Equal(0, producer.Flush(TimeSpan.FromSeconds(20)));
    }

    private async Task AcceptsAsync(string command, object body)
    {
        using var answer = await _application.Gateway.PostAsJsonAsync($"/api/operate/{command}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> AuditAsync(CancellationToken cancellationToken = default) => await _application.Gateway.GetFromJsonAsync<JsonElement>("/api/audit", cancellationToken);

    private Task SeesCountsAsync(long acknowledged, long stored = 0, long duplicate = 0, long deadLetters = 0, long skipped = 0) => SeesAsync(_source, (acknowledged, stored, duplicate, deadLetters, skipped, 0, 0));

    private async Task SeesAsync(string source, (long Acknowledged, long Stored, long Duplicate, long DeadLetters, long Skipped, long Missing, long OutOfOrder) expected) => await Eventually.SeesAsync(
        $"what was sent of {source} audited",
        async token =>
        {
            var counts = (await AuditAsync(token)).GetProperty("sources").EnumerateArray()
                .Where(one => one.GetProperty("source").GetString() == source).Select(one => one.GetProperty("counts")).ToList();
            return counts is [var one]
                ? (Of(one, "acknowledged"), Of(one, "stored"), Of(one, "duplicate"), Of(one, "deadLetters"), Of(one, "skipped"), Of(one, "missing"), Of(one, "outOfOrder"))
                : default;
        },
        expected.Equals,
        s_patience);

    private static long Of(JsonElement counts, string name) => counts.GetProperty(name).GetInt64();
}
