namespace LogPartitioning.Producer.Identity;

/// <summary>
/// The ids that clients gave lately, to this producer: those under way and those that were acknowledged. It bridges the time until they are
/// stored. Safe for concurrent use; of bounded size, the oldest go first.
/// </summary>
internal sealed class RecentIds(int capacity)
{
    /// <summary>At 21,000 events a second five seconds; about 30 MB.</summary>
    public const int DefaultCapacity = 100_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Entry> _entries = [];
    private readonly Queue<(Guid Id, long Number)> _order = new();
    private long _number;

    /// <summary>What became of <see cref="Begin"/>.</summary>
    public enum Beginning
    {
        /// <summary>The id is new here, and under way from now on.</summary>
        New,

        /// <summary>The same event is under way.</summary>
        UnderWay,

        /// <summary>Earlier use is known.</summary>
        Used,
    }

    /// <summary>An event is about to be sent.</summary>
    public Beginning Begin(Guid id, string source, UInt128 fingerprint, out IdUse? use)
    {
        lock (_lock)
        {
            use = null;
            if (!_entries.TryGetValue(id, out var entry))
            {
                Add(id, new(source, fingerprint, null, ++_number));
                return Beginning.New;
            }

            if (entry.Fingerprint == fingerprint)
            {
                use = entry.Place;
                return use is null ? Beginning.UnderWay : Beginning.Used;
            }

            use = entry.Source == source ? IdUse.Taken.ByOtherContent : IdUse.Taken.ByOtherSource;
            return Beginning.Used;
        }
    }

    /// <summary>An event was acknowledged, now or before. Of two places of one event the first one counts.</summary>
    public void Acknowledge(Guid id, string source, UInt128 fingerprint, IdUse.Acknowledged place)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(id, out var entry))
            {
                Add(id, new(source, fingerprint, place, ++_number));
            }
            else if (entry.Fingerprint == fingerprint && (entry.Place is not { } known || (known.Partition == place.Partition && known.Offset > place.Offset)))
            {
                _entries[id] = entry with { Place = place };
            }
        }
    }

    /// <summary>An event was not sent, or not acknowledged: its id may be used by another one.</summary>
    public void Forget(Guid id, UInt128 fingerprint)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(id, out var entry) && entry.Place is null && entry.Fingerprint == fingerprint)
            {
                _entries.Remove(id);
            }
        }
    }

    private void Add(Guid id, Entry entry)
    {
        _entries[id] = entry;
        _order.Enqueue((id, entry.Number));
        // One that was forgotten still waits in the order, so that this is the bound of both.
        while (_order.Count > capacity)
        {
            var oldest = _order.Dequeue();
            if (_entries.TryGetValue(oldest.Id, out var there) && there.Number == oldest.Number)
            {
                _entries.Remove(oldest.Id);
            }
        }
    }

    private sealed record Entry(string Source, UInt128 Fingerprint, IdUse.Acknowledged? Place, long Number);
}
