using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Trace;

namespace LogPartitioning.ServiceDefaults;

/// <summary>
/// Which spans are recorded: those of a trace that is recorded already, and those that may begin one. A request and a batch
/// begin a trace. A client's call by itself (a claim, a reading of positions, a probe of the database) does not: background
/// loops make them all the time, and they would hide the others.
/// </summary>
internal static class TraceSampling
{
    /// <summary>The standard settings; OpenTelemetry reads them itself only where a service has no sampler of its own.</summary>
    private const string SamplerSetting = "OTEL_TRACES_SAMPLER";
    private const string RatioSetting = "OTEL_TRACES_SAMPLER_ARG";

    /// <summary>The sampler by the standard settings; without them every request is recorded.</summary>
    public static Sampler From(IConfiguration configuration) => configuration[SamplerSetting]?.ToLowerInvariant() switch
    {
        "always_off" => new AlwaysOffSampler(),
        "parentbased_always_off" => Of(new AlwaysOffSampler()),
        "traceidratio" or "parentbased_traceidratio" when TryReadRatio(configuration, out var ratio) => Of(new TraceIdRatioBasedSampler(ratio)),
        _ => Of(new AlwaysOnSampler()),
    };

    private static ParentBasedSampler Of(Sampler requests) => new(new RootSampler(requests));

    private static bool TryReadRatio(IConfiguration configuration, out double ratio) =>
        double.TryParse(configuration[RatioSetting], NumberStyles.Float, CultureInfo.InvariantCulture, out ratio) && ratio is >= 0 and <= 1;

    private sealed class RootSampler(Sampler requests) : Sampler
    {
        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => samplingParameters.Kind switch
        {
            ActivityKind.Client => new(SamplingDecision.Drop),
            // A batch has a span only because a record of it belongs to a recorded trace: that was decided there.
            ActivityKind.Consumer => new(SamplingDecision.RecordAndSample),
            _ => requests.ShouldSample(samplingParameters),
        };
    }
}
