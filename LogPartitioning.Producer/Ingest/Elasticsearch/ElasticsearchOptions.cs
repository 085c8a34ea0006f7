using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>How documents for Elasticsearch are taken: configuration section <c>Producer:Elasticsearch</c>.</summary>
public sealed class ElasticsearchOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer:Elasticsearch";

    /// <summary>The fields of a document that may be its source, with commas between them, the first that it has being it; where it has none, its index is.</summary>
    public string SourceFields { get; set; } = "service.name,host.name";

    /// <summary>What <see cref="SourceFields"/> names.</summary>
    internal IReadOnlyList<string> Fields => SourceFields.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Fields.Count is 0 or > 16)
        {
            yield return new($"{Section}:{nameof(SourceFields)} must name 1 to 16 fields with commas between them; it is \"{SourceFields}\".", [nameof(SourceFields)]);
        }
    }
}
