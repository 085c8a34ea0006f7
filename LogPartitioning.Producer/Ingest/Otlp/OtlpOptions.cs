namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>How OTLP is read: configuration section <c>Producer:Otlp</c>.</summary>
public sealed class OtlpOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer:Otlp";

    /// <summary>Whether the source is <c>service.name/service.instance.id</c>, so that each instance of a service has an order of its own, instead of <c>service.name</c>.</summary>
    public bool InstanceInSource { get; set; }
}
