namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// What the records of one request take. A protocol that says once what is true of many events (labels of a stream, names of nested fields) can make
/// many times as much of a body as the body has, and that is bounded like the body itself.
/// </summary>
/// <param name="memory">What the request holds.</param>
/// <param name="bodyBytes">What its body has, unpacked.</param>
internal sealed class RecordBytes(BufferBudget.Reservation memory, int bodyBytes)
{
    /// <summary>The most that the records of a request take; 48 MiB.</summary>
    private const long MaxBytes = 3L * IngestLimits.MaxBodyBytes;

    /// <summary>Twice the body is what records take as a rule, and what the budget of bodies leaves room for.</summary>
    private readonly long _expected = 2L * bodyBytes;

    private long _bytes;

    /// <summary>Counts the event that was added last.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="atLeast">What it took to put it together, which counts where it was rejected in the end.</param>
    /// <exception cref="RequestRefusedException">413: the records are too large together; 503: there is no memory for them.</exception>
    public void CountLast(EventBatch batch, int atLeast = 0)
    {
        _bytes += Math.Max(batch.Entries[^1].Value.Length, atLeast);
        if (_bytes > MaxBytes)
        {
            throw RequestRefusedException.TooManyBytes();
        }

        if (_bytes > _expected)
        {
            memory.Hold(bodyBytes + (_bytes - _expected), whole: true);
        }
    }
}
