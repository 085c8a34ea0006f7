namespace LogPartitioning.AppHost.Settings;

/// <summary>Where the servers and the gateway listen, 1 to 65,535 each (section <c>Ports</c>).</summary>
/// <param name="Gateway">The gateway; null takes any free port.</param>
/// <param name="OtlpHttp">The gateway for OTLP over HTTP.</param>
/// <param name="OtlpGrpc">The gateway for OTLP over gRPC.</param>
/// <param name="Kafka">The first broker; the others follow, then what the brokers coordinate themselves through.</param>
/// <param name="Postgres">PostgreSQL.</param>
/// <param name="Redis">Redis.</param>
/// <param name="Prometheus">Prometheus.</param>
/// <param name="Grafana">Grafana.</param>
/// <param name="Random">Take any free ports instead, so that a test can stand beside a run.</param>
internal sealed record PortSettings(int? Gateway, int OtlpHttp, int OtlpGrpc, int Kafka, int Postgres, int Redis, int Prometheus, int Grafana, bool Random)
{
    /// <summary>A container's port on this machine; null: any free one.</summary>
    public int? OfContainer(int preferred) => Random ? null : preferred;
}
