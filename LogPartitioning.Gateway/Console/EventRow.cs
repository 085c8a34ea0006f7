using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;

namespace LogPartitioning.Gateway.Console;

/// <summary>A stored event as a table shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Time">Its timestamp.</param>
/// <param name="Level">Its level.</param>
/// <param name="Source">Its source.</param>
/// <param name="Message">Its message.</param>
/// <param name="Attributes">Its attributes, in the order of their names.</param>
/// <param name="Place">Where its record is.</param>
/// <param name="StoredAt">When it was stored.</param>
public sealed record EventRow(
    Guid Id, DateTimeOffset Time, string Level, string Source, string Message, IReadOnlyList<KeyValuePair<string, string>> Attributes, string Place, DateTimeOffset StoredAt)
{
    /// <summary>The row of a stored event.</summary>
    internal static EventRow From(StoredLogEvent stored) => new(
        stored.Event.Id,
        stored.Event.Timestamp,
        SeverityNames.Of(stored.Event.Level),
        stored.Event.Source,
        stored.Event.Message,
        Read(stored.Event.Attributes),
        FormattableString.Invariant($"partition {stored.Partition}, offset {stored.Offset}, key {stored.Key}{(stored.Log > 1 ? $", log {stored.Log}" : "")}"),
        stored.StoredAt);

    private static List<KeyValuePair<string, string>> Read(string? attributes)
    {
        if (attributes is null)
        {
            return [];
        }

        using var document = JsonDocument.Parse(attributes);
        return
        [
            .. document.RootElement.EnumerateObject()
                .Select(attribute => KeyValuePair.Create(attribute.Name, attribute.Value.ValueKind == JsonValueKind.String ? attribute.Value.GetString()! : attribute.Value.GetRawText()))
                .OrderBy(attribute => attribute.Key, StringComparer.Ordinal),
        ];
    }
}
