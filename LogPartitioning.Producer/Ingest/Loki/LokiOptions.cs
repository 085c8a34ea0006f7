using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>How pushes for Loki are taken: configuration section <c>Producer:Loki</c>.</summary>
public sealed class LokiOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer:Loki";

    /// <summary>The labels that may be the source of an event, with commas between them, the first that a stream has being it; where it has none, all its labels together are.</summary>
    public string SourceLabels { get; set; } = "service_name,app,job";

    /// <summary>What <see cref="SourceLabels"/> names.</summary>
    internal IReadOnlyList<string> Labels => SourceLabels.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Labels.Count is 0 or > 16)
        {
            yield return new($"{Section}:{nameof(SourceLabels)} must name 1 to 16 labels with commas between them; it is \"{SourceLabels}\".", [nameof(SourceLabels)]);
        }
    }
}
