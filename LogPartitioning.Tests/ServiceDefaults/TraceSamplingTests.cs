using System.Diagnostics;
using LogPartitioning.ServiceDefaults;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace LogPartitioning.Tests.ServiceDefaults;

public sealed class TraceSamplingTests
{
    [Theory]
    // Requests and batches begin a trace, a client's call does not.
    [InlineData(ActivityKind.Server, null, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Consumer, null, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Client, null, SamplingDecision.Drop)]
    // Within a trace the trace decides.
    [InlineData(ActivityKind.Client, true, SamplingDecision.RecordAndSample)]
    [InlineData(ActivityKind.Client, false, SamplingDecision.Drop)]
    [InlineData(ActivityKind.Server, false, SamplingDecision.Drop)]
    public void What_is_recorded_without_settings(ActivityKind kind, bool? parentIsRecorded, SamplingDecision expected)
    {
        Assert.Equal(expected, Decide(kind, parentIsRecorded));
        // What Aspire's AppHost sets.
        Assert.Equal(expected, Decide(kind, parentIsRecorded, "always_on"));
    }

    [Theory]
    [InlineData("always_off", null, ActivityKind.Server, null, SamplingDecision.Drop)]
    [InlineData("always_off", null, ActivityKind.Server, true, SamplingDecision.Drop)]
    [InlineData("parentbased_always_off", null, ActivityKind.Server, null, SamplingDecision.Drop)]
    [InlineData("parentbased_always_off", null, ActivityKind.Server, true, SamplingDecision.RecordAndSample)]
    [InlineData("parentbased_traceidratio", "0", ActivityKind.Server, null, SamplingDecision.Drop)]
    [InlineData("parentbased_traceidratio", "1", ActivityKind.Server, null, SamplingDecision.RecordAndSample)]
    [InlineData("traceidratio", "1", ActivityKind.Client, null, SamplingDecision.Drop)]
    // The requests whose records it holds were chosen already.
    [InlineData("parentbased_traceidratio", "0", ActivityKind.Consumer, null, SamplingDecision.RecordAndSample)]
    // Not a ratio, so none.
    [InlineData("parentbased_traceidratio", "half", ActivityKind.Server, null, SamplingDecision.RecordAndSample)]
    public void The_standard_settings_hold(string sampler, string? argument, ActivityKind kind, bool? parentIsRecorded, SamplingDecision expected) =>
        Assert.Equal(expected, Decide(kind, parentIsRecorded, sampler, argument));

    private static SamplingDecision Decide(ActivityKind kind, bool? parentIsRecorded, string? sampler = null, string? argument = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["OTEL_TRACES_SAMPLER"] = sampler, ["OTEL_TRACES_SAMPLER_ARG"] = argument })
            .Build();
        var traceId = ActivityTraceId.CreateRandom();
        var parent = parentIsRecorded is { } recorded
            ? new ActivityContext(traceId, ActivitySpanId.CreateRandom(), recorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None)
            : default;
        return TraceSampling.From(configuration).ShouldSample(new(parent, traceId, "a span", kind, null, null)).Decision;
    }
}
