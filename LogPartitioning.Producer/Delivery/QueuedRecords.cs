namespace LogPartitioning.Producer.Delivery;

/// <summary>Bounds the records that wait for acknowledgement, over all requests and clients: each client by itself knows only of its own.</summary>
/// <param name="maxRecords">The most records.</param>
/// <param name="maxBytes">The most bytes of their values. It is larger than any record.</param>
internal sealed class QueuedRecords(long maxRecords, long maxBytes)
{
    private long _records;
    private long _bytes;

    /// <summary>How many records wait.</summary>
    public long Count => Interlocked.Read(ref _records);

    /// <summary>Takes a place for a record.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryEnter(int bytes)
    {
        if (Interlocked.Increment(ref _records) <= maxRecords)
        {
            if (Interlocked.Add(ref _bytes, bytes) <= maxBytes)
            {
                return true;
            }

            Interlocked.Add(ref _bytes, -bytes);
        }

        Interlocked.Decrement(ref _records);
        return false;
    }

    /// <summary>Gives the place back, once the record has its report or the client has refused it.</summary>
    public void Leave(int bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Decrement(ref _records);
    }
}
