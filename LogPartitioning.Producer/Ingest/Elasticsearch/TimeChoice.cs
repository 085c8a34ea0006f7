using System.Text.Json;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>
/// Picks the time of a document: <c>@timestamp</c>, else the first other field that has one which is taken. What the others have may be something else, such
/// as how long a request took.
/// </summary>
/// <param name="events">Know which times are taken.</param>
internal struct TimeChoice(ComposedEvents events)
{
    private static readonly byte[][] s_names = FieldChoice.Names("@timestamp", "timestamp", "time");

    private int _rank = int.MaxValue;
    private int _looked;

    /// <summary>Where the value of the field begins; -1 where there is none.</summary>
    public int Start { get; private set; } = -1;

    /// <summary>The time; null where there is none.</summary>
    public SentTime? Time { get; private set; }

    /// <summary>What <c>@timestamp</c> says, where that is no time.</summary>
    public string? Broken { get; private set; }

    /// <summary>Looks at a field. Of those with one name it is the first that counts.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="reader">Stands at its value.</param>
    public void Look(ReadOnlySpan<byte> name, in Utf8JsonReader reader)
    {
        for (var rank = 0; rank < s_names.Length && rank < _rank; rank++)
        {
            if (name.SequenceEqual(s_names[rank]) && (_looked & (1 << rank)) == 0 && JsonTexts.ScalarOf(in reader) is { Length: > 0 } text)
            {
                _looked |= 1 << rank;
                Take(rank, (int)reader.TokenStartIndex, text);
                return;
            }
        }
    }

    private void Take(int rank, int start, string text)
    {
        SentTime? time = DocumentTime.TryParse(text, out var parsed) ? parsed : null;
        if (rank == 0)
        {
            Broken = time is null ? text : null;
        }
        else if (time is null || !events.IsTaken(time.Value.Time))
        {
            return;
        }

        (_rank, Start, Time) = (rank, start, time);
    }
}
