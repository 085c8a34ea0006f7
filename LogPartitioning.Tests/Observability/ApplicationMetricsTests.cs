using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using LogPartitioning.Tests.Application;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Observability;

/// <summary>What the Prometheus of the running application knows.</summary>
[Collection(SharedApplication.Name)]
public sealed class ApplicationMetricsTests(ApplicationFixture fixture)
{
    private const int Sources = 24;
    private const string ProducedMetric = "log_events_produced_total";
    private const string ProcessedMetric = "log_events_processed_by_partition_total";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);

    // Set by Prometheus: the target's, and the bucket's bound.
    private static readonly string[] LabelsOfPrometheus = ["__name__", "instance", "job", "le"];

    // Of all tests of this class, which share the application and run one after another.
    private static long _acknowledged;

    private readonly RunningApplication _application = fixture.Application;

    private PrometheusQueries Prometheus => new(_application.Client("prometheus"));

    [PrometheusFact(Servers = true)]
    public async Task Every_instance_is_a_target_of_its_own()
    {
        var expected = string.Join(' ', _application.Consumers.Append("gateway").Append("producer").Order());
        await Eventually.SeesAsync(
            "targets that answer",
            async cancellationToken => string.Join(' ', (await Prometheus.QueryAsync("up == 1", cancellationToken)).Select(target => target.Labels["instance"]).Order()),
            targets => targets == expected,
            Deadline);
    }

    [PrometheusFact(Servers = true)]
    public async Task Every_query_of_the_dashboard_and_every_rule_has_data()
    {
        using var timeout = new CancellationTokenSource(3 * Deadline);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
        var load = SendUntilAsync(stop.Token);

        try
        {
            await new ExpressionProbe(Prometheus).SeesDataAsync(2 * Deadline);
        }
        finally
        {
            // Others of this class count what they send.
            await stop.CancelAsync();
            await load;
        }

        var rules = await Prometheus.RulesAsync(timeout.Token);
        Assert.Equal(
            AlertRule.ReadAll().Select(alert => alert.Name).Order(), rules.Where(rule => rule.Type == "alerting").Select(rule => rule.Name).Order());
    }

    [PrometheusFact(Servers = true)]
    public async Task The_metrics_are_the_documented_ones_with_their_labels_and_no_others()
    {
        using var timeout = new CancellationTokenSource(2 * Deadline);
        await SendAsync(events: Sources, timeout.Token);
        await SendRefusedAsync(timeout.Token);

        // The canary's are looked at where it is sent.
        var documented = DocumentedMetric.All.Where(metric => !metric.NeedsCanary).SelectMany(metric => metric.SeriesNames).Order().ToList();
        await Eventually.SeesAsync(
            "metrics of the application",
            async cancellationToken => string.Join('\n', (await Prometheus.MetricNamesAsync(cancellationToken)).Where(IsOwn).Order()),
            names => names == string.Join('\n', documented),
            Deadline);

        foreach (var metric in DocumentedMetric.All)
        {
            foreach (var name in metric.SeriesNames)
            {
                foreach (var sample in await Prometheus.QueryAsync(name, timeout.Token))
                {
                    var labels = sample.Labels.Keys.Except(LabelsOfPrometheus).Order();
                    Assert.True(labels.SequenceEqual(metric.Labels.Order()), $"{name} has the labels {string.Join(", ", labels)}.");
                }
            }
        }
    }

    [PrometheusFact(Servers = true)]
    public async Task Counters_rise_by_exactly_the_events_sent_and_the_lag_goes_to_zero()
    {
        const int Events = 600;
        using var timeout = new CancellationTokenSource(3 * Deadline);
        await SeesEverythingStoredAsync();
        var before = await SeesCountersAtRestAsync();

        await SendAsync(Events, timeout.Token);

        await SeesEverythingStoredAsync();
        Assert.Equal(new Counters(before.Produced + Events, before.Processed + Events), await SeesCountersAtRestAsync());
        await SeesLagGoneAsync();
    }

    /// <summary>Recorded series have a colon; <c>_created</c>, the time when a counter began, is the exporter's own.</summary>
    private static bool IsOwn(string metric) =>
        (metric.StartsWith("log_", StringComparison.Ordinal) || metric.StartsWith("kafka_", StringComparison.Ordinal))
        && !metric.Contains(':', StringComparison.Ordinal)
        && !metric.EndsWith("_created", StringComparison.Ordinal);

    private Task<long> SeesEverythingStoredAsync() => Eventually.SeesAsync(
        $"stored events of this class, of {_acknowledged}",
        _ => _application.Logs.CountAsync("SELECT count(*) FROM log_events WHERE source LIKE 'metrics-%'"),
        stored => stored == _acknowledged,
        Deadline);

    /// <summary>
    /// The counters, once the services export the same for a second (a batch is counted a moment after it is stored) and
    /// Prometheus knows them: after a restart of a service it has the old process's until the next scrape.
    /// </summary>
    private async Task<Counters> SeesCountersAtRestAsync()
    {
        var (last, since) = (new Counters(-1, -1), 0L);
        var seen = await Eventually.SeesAsync(
            "the same counters for a second, and known to Prometheus",
            async cancellationToken =>
            {
                var exported = await ExportedAsync(cancellationToken);
                (last, since) = exported == last ? (last, since) : (exported, Stopwatch.GetTimestamp());
                return (Exported: exported, Known: await KnownAsync(cancellationToken));
            },
            seen => seen.Exported == seen.Known && Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(1),
            Deadline);
        return seen.Known;
    }

    /// <summary>The counters as Prometheus knows them.</summary>
    private async Task<Counters> KnownAsync(CancellationToken cancellationToken) =>
        new(await SumAsync(ProducedMetric, cancellationToken), await SumAsync(ProcessedMetric, cancellationToken));

    private async Task<double> SumAsync(string metric, CancellationToken cancellationToken) =>
        (await Prometheus.QueryAsync($"sum({metric}) or vector(0)", cancellationToken)).Single().Value;

    /// <summary>The counters as the services export them now.</summary>
    private async Task<Counters> ExportedAsync(CancellationToken cancellationToken)
    {
        var produced = await ServiceMetrics.CounterAsync(_application, "producer", ProducedMetric, cancellationToken);
        return new(produced, (await ServiceMetrics.CountersAsync(_application, ProcessedMetric, cancellationToken)).Values.Sum());
    }

    private Task<double> SeesLagGoneAsync() => Eventually.SeesAsync(
        "lag of every partition",
        async cancellationToken => await Prometheus.QueryAsync("max by (partition) (kafka_consumer_lag)", cancellationToken) is { Count: 12 } lag ? lag.Sum(sample => sample.Value) : -1,
        lag => lag == 0,
        Deadline);

    private async Task SendUntilAsync(CancellationToken cancellationToken)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (await pace.WaitForNextTickAsync(cancellationToken))
            {
                // Each request is seen to its end: one that is given up may still be carried out, and be counted later.
                await SendAsync(Sources, CancellationToken.None);
                await SendRefusedAsync(CancellationToken.None);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Enough was sent.
        }
    }

    private async Task SendAsync(int events, CancellationToken cancellationToken)
    {
        var batch = Enumerable.Range(0, events).Select(i => new { source = $"metrics-{i % Sources}", message = $"event {i}" });
        using var response = await _application.Gateway.PostAsJsonAsync("/api/logs", batch, cancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        _acknowledged += events;
    }

    /// <summary>So that the counter of refused events exists.</summary>
    private async Task SendRefusedAsync(CancellationToken cancellationToken)
    {
        using var response = await _application.Gateway.PostAsJsonAsync("/api/logs", new { message = "without a source" }, cancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private sealed record Counters(double Produced, double Processed);
}
