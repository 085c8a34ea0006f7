namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// Ids for events of one request that are made of the events themselves. Of those that are alike, the first has the id that it has in every request, and each
/// later one another, by how many like it came before.
/// </summary>
internal sealed class AlikeIds
{
    private readonly Dictionary<Guid, int> _seen = [];

    /// <summary>The id of the next event.</summary>
    /// <param name="ids">Made of all that the event says.</param>
    /// <param name="time">Its own time; null where it has none.</param>
    public Guid Of(ContentIds ids, DateTimeOffset? time)
    {
        var first = ids.Of(0, time);
        var before = _seen.GetValueOrDefault(first);
        _seen[first] = before + 1;
        return before == 0 ? first : ids.Of(before, time);
    }
}
