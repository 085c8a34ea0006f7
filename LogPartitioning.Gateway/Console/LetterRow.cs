using System.Text.Encodings.Web;
using System.Text.Json;
using LogPartitioning.Gateway.DeadLetters;

namespace LogPartitioning.Gateway.Console;

/// <summary>A dead letter as the page shows it, and as it is named to the API.</summary>
internal sealed record LetterRow(DeadLetterView Letter)
{
    // It is text for a person, which the page encodes once more.
    private static readonly JsonSerializerOptions s_indented = new(JsonSerializerOptions.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the row is known by.</summary>
    public string Key => $"letter-{Letter.Place.Partition}-{Letter.Place.Offset}";

    /// <summary>Names the letter, as an item of a redrive does; null for what is none.</summary>
    public string? Origin => Letter.Origin is { } origin
        ? JsonSerializer.Serialize(new { topic = origin.Topic, partition = origin.Partition, offset = origin.Offset, topicId = origin.TopicId }, JsonSerializerOptions.Web)
        : null;

    /// <summary>The body that sends the record through as it is.</summary>
    public string AsItIs => $"{{\"items\":[{Origin}]}}";

    /// <summary>What an edited event begins with: the record's own fields where it is a JSON object, else those that an event needs.</summary>
    public string Draft
    {
        get
        {
            try
            {
                using var value = JsonDocument.Parse(Letter.Text ?? "");
                if (value.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return JsonSerializer.Serialize(value.RootElement, s_indented);
                }
            }
            catch (JsonException)
            {
                // It is not JSON: that is why it is here.
            }

            return JsonSerializer.Serialize(new { source = Letter.KeyText ?? "", level = "Information", message = Letter.Text ?? "" }, s_indented);
        }
    }
}
