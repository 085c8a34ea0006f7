using System.Text;
using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>Picks, of the fields that may have something of an event, the first in a list that the document has.</summary>
/// <param name="names">The names of these fields, the best first.</param>
internal struct FieldChoice(byte[][] names)
{
    private int _rank = int.MaxValue;

    /// <summary>Where the value of the field begins; -1 where there is none.</summary>
    public int Start { get; private set; } = -1;

    /// <summary>The value, as a text.</summary>
    public string? Text { get; private set; }

    /// <summary>Whether <see cref="Text"/> is all that the field says: it has nothing that no text can hold.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>The names of a list.</summary>
    public static byte[][] Names(params IEnumerable<string> names) => [.. names.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Looks at a field.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reader">Stands at its value.</param>
    /// <param name="isText">Whether only a text will do.</param>
    public void Look(ReadOnlySpan<byte> name, in Utf8JsonReader reader, bool isText)
    {
        for (var rank = 0; rank < names.Length && rank < _rank; rank++)
        {
            var isWhole = true;
            if (name.SequenceEqual(names[rank]) && (isText ? JsonTexts.ReadableOf(in reader, out isWhole) : JsonTexts.ScalarOf(in reader)) is { Length: > 0 } text)
            {
                (_rank, Start, Text, IsWhole) = (rank, (int)reader.TokenStartIndex, text, isWhole);
                return;
            }
        }
    }
}
