namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// The order in which the entries of a push are sent: that of their times, which is the order in which Loki gives them back. Agents send a stream for each set of
/// labels, and what was not taken behind what is newer; so the order of a push is not the order of its entries.
/// </summary>
internal sealed class EntryOrder
{
    private readonly List<long> _times = [];
    private bool _isAscending = true;

    /// <summary>Adds the next entry.</summary>
    /// <param name="nanoseconds">Its time, in nanoseconds since the beginning of 1970; null of one that is not sent, which stays behind the one before it.</param>
    public void Add(long? nanoseconds)
    {
        var before = _times.Count == 0 ? long.MinValue : _times[^1];
        _isAscending &= before <= (nanoseconds ?? before);
        _times.Add(nanoseconds ?? before);
    }

    /// <summary>The places of the entries, sorted by time, equal times as they stand; null where they are so already.</summary>
    public int[]? Places()
    {
        if (_isAscending)
        {
            return null;
        }

        int[] places = [.. Enumerable.Range(0, _times.Count)];
        Array.Sort(places, (one, other) => _times[one].CompareTo(_times[other]) is not 0 and var order ? order : one.CompareTo(other));
        return places;
    }
}
