using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Tests.ServiceDefaults;

public sealed class ServiceDefaultsTests
{
    private static async Task<(WebApplication App, HttpClient Client)> StartAsync(
        Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        await app.StartAsync();
        return (app, new() { BaseAddress = new(app.Urls.Single()) });
    }

    [Fact]
    public async Task Metrics_have_the_documented_names_labels_and_buckets_and_nothing_beside()
    {
        var (app, client) = await StartAsync();
        await using var _ = app;
        using var __ = client;
        var meter = app.Services.GetRequiredService<IMeterFactory>().Create("LogPartitioning.Producer");
        meter.CreateCounter<long>("log_events_produced").Add(3, new KeyValuePair<string, object?>("partition", 7));
        meter.CreateHistogram<double>("log_producer_ack", unit: "s").Record(0.0004);
        meter.CreateObservableGauge("kafka_consumer_lag_seconds", () => 1.5);

        var lines = (await client.GetStringAsync("/metrics")).Split('\n');

        Assert.Contains("log_events_produced_total{partition=\"7\"} 3", lines);
        Assert.Contains(lines, line => line.StartsWith("kafka_consumer_lag_seconds", StringComparison.Ordinal) && line.EndsWith(" 1.5", StringComparison.Ordinal));
        Assert.Equal(
            ["0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "30", "+Inf"],
            lines.Where(line => line.StartsWith("log_producer_ack_seconds_bucket", StringComparison.Ordinal)).Select(line => line.Split('"')[1]));
        Assert.DoesNotContain(lines, line => line.Contains("otel_scope", StringComparison.Ordinal) && line.StartsWith("log_", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("dotnet_process_memory_working_set_bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Health_is_503_when_a_check_fails_and_alive_stays_200_and_no_exception_shows()
    {
        var (app, client) = await StartAsync(builder => builder.Services.AddHealthChecks().AddCheck(
            "store", () => HealthCheckResult.Unhealthy("down", new InvalidOperationException("Host=db;Password=secret"))));
        await using var _ = app;
        using var __ = client;

        var health = await client.GetAsync("/health");
        var body = await health.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Equal("Unhealthy", JsonNode.Parse(body)!["checks"]!["store"]!["status"]!.GetValue<string>());
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/alive")).StatusCode);
    }

    [Fact]
    public async Task A_failure_is_answered_with_problem_details_without_internals()
    {
        var (app, client) = await StartAsync(map: app => app.MapGet("/boom", string () => throw new InvalidOperationException("Password=secret")));
        await using var _ = app;
        using var __ = client;

        var response = await client.GetAsync("/boom");

        Assert.Equal((HttpStatusCode.InternalServerError, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        var body = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.Equal("/boom", JsonNode.Parse(body)!["instance"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_unknown_path_is_answered_with_problem_details()
    {
        var (app, client) = await StartAsync();
        await using var _ = app;
        using var __ = client;

        var response = await client.GetAsync("/nothing");

        Assert.Equal((HttpStatusCode.NotFound, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Fact]
    public void Attributes_and_rules_of_the_whole_are_told_at_once()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Sample:Number"] = "11",
            ["Sample:Low"] = "5",
            ["Sample:High"] = "4",
        }).Build());
        services.AddValidatedOptions<Sample>("Sample");
        using var provider = services.BuildServiceProvider();

        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<Sample>());

        Assert.Equal(2, failure.Failures.Count());
    }

    private sealed class Sample : IValidatableObject
    {
        [Range(1, 10)]
        public int Number { get; set; }

        public int Low { get; set; }

        public int High { get; set; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
            High < Low ? [new("High must not be below Low.", [nameof(High)])] : [];
    }
}
