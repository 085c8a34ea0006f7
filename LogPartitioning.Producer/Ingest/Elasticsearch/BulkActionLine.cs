using System.Text;
using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>Reads the line before a document, which says what to do with it: <c>{"create":{"_index":"logs","_id":"1"}}</c>.</summary>
internal static class BulkActionLine
{
    /// <summary>Reads a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="index">The index that the request names for all.</param>
    /// <param name="item">What it says.</param>
    /// <returns>Whether it is such a line. What it says beside action, index and id is of no matter for a log.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, string? index, out BulkItem item)
    {
        item = default;
        try
        {
            var reader = new Utf8JsonReader(line, JsonTexts.Options);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || ActionOf(in reader) is not { } action
                || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            string? id = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (isIndex, isId) = (reader.ValueTextEquals("_index"u8), reader.ValueTextEquals("_id"u8));
                reader.Read();
                index = isIndex ? JsonTexts.ReadableOf(in reader, out _) ?? index : index;
                id = isId ? IdOf(in reader) ?? id : id;
                reader.Skip();
            }

            item = new(action, string.IsNullOrEmpty(index) ? null : index, string.IsNullOrEmpty(id) ? null : id);
            // Some clients write notes of their own behind it, which Elasticsearch passes over, too.
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>What no text can hold stays as its escapes: replaced, it would make two ids one.</summary>
    private static string? IdOf(in Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.String ? JsonTexts.ScalarOf(in reader) : JsonTexts.TextOf(in reader) ?? Encoding.UTF8.GetString(reader.ValueSpan);

    private static string? ActionOf(in Utf8JsonReader reader) =>
        reader.TokenType != JsonTokenType.PropertyName ? null
        : reader.ValueTextEquals("index"u8) ? "index"
        : reader.ValueTextEquals("create"u8) ? "create"
        : reader.ValueTextEquals("update"u8) ? "update"
        : reader.ValueTextEquals("delete"u8) ? "delete"
        : null;
}
