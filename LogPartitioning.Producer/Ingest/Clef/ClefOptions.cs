using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>How events in CLEF are taken: configuration section <c>Producer:Clef</c>.</summary>
public sealed class ClefOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer:Clef";

    private static readonly string[] s_levels = ["Verbose", "Debug", "Information", "Warning", "Error", "Fatal"];

    /// <summary>The property that is the source of an event, e.g. <c>Application</c>; where an event lacks it, its source is <c>service.name</c> of <c>@ra</c>, or <c>clef</c>.</summary>
    public string SourceProperty { get; set; } = "Application";

    /// <summary>The least level that clients are told to send, one of Serilog's names; empty: all.</summary>
    public string MinimumLevelAccepted { get; set; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(SourceProperty))
        {
            yield return new($"{Section}:{nameof(SourceProperty)} must name a property; it is empty.", [nameof(SourceProperty)]);
        }

        if (MinimumLevelAccepted.Length > 0 && !s_levels.Contains(MinimumLevelAccepted, StringComparer.Ordinal))
        {
            yield return new(
                $"{Section}:{nameof(MinimumLevelAccepted)} must be one of {string.Join(", ", s_levels)}, or empty; it is \"{MinimumLevelAccepted}\".",
                [nameof(MinimumLevelAccepted)]);
        }
    }
}
