using System.Text.Json.Serialization;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>The answer to events in CLEF that are taken.</summary>
/// <param name="MinimumLevelAccepted">The least level to send from now on; null: all.</param>
internal sealed record ClefTaken([property: JsonPropertyName("MinimumLevelAccepted")] string? MinimumLevelAccepted);

/// <summary>The answer to events in CLEF that are not taken.</summary>
/// <param name="Error">Why.</param>
internal sealed record ClefRefused([property: JsonPropertyName("Error")] string Error);
