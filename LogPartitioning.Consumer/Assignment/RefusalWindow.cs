namespace LogPartitioning.Consumer.Assignment;

/// <summary>
/// Which of a partition's last records were refused. One bad record among good ones is set aside; when most of them are
/// bad, it is not the records that are wrong, but who writes them or who reads them, and emptying the topic into the dead
/// letters would help nobody.
/// </summary>
internal sealed class RefusalWindow
{
    private readonly Lock _lock = new();
    private readonly Queue<bool> _last = new();
    private int _refused;

    /// <summary>Notes records that were taken.</summary>
    /// <param name="count">How many.</param>
    /// <param name="window">How many of the last records are looked at.</param>
    public void Accepted(int count, int window)
    {
        // Nearly always: a lock for each record would be felt.
        if (Volatile.Read(ref _refused) == 0)
        {
            return;
        }
        lock (_lock)
        {
            for (var i = 0; i < count && _refused > 0; i++)
            {
                Add(refused: false, window);
            }
        }
    }

    /// <summary>Notes a record that was refused.</summary>
    /// <param name="window">How many of the last records are looked at.</param>
    /// <param name="share">Which part of that many may be refused.</param>
    /// <returns>Whether more of them are.</returns>
    public bool Exceeds(int window, double share)
    {
        lock (_lock)
        {
            Add(refused: true, window);
            return _refused > window * share;
        }
    }

    /// <summary>Forgets all of them.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _last.Clear();
            _refused = 0;
        }
    }

    private void Add(bool refused, int window)
    {
        _last.Enqueue(refused);
        _refused += refused ? 1 : 0;
        while (_last.Count > window)
        {
            _refused -= _last.Dequeue() ? 1 : 0;
        }
    }
}
