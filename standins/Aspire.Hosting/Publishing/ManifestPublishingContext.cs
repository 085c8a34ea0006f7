using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Where a deployment manifest is written; only the package itself publishes one.</summary>
public sealed class ManifestPublishingContext
{
    internal ManifestPublishingContext(Utf8JsonWriter writer) => Writer = writer;

    /// <summary>Writes the manifest.</summary>
    public Utf8JsonWriter Writer { get; }
}
