using Confluent.Kafka;

namespace LogPartitioning.Consumer.DeadLetters;

/// <summary>
/// The producer of dead letters, and a new one when it has failed for good: an idempotent one takes nothing more after a
/// fatal error, such as a permission that it lacked when it began and that may have been granted since.
/// </summary>
/// <param name="build">Builds a producer that calls what it is given on a fatal error.</param>
/// <param name="farewell">How long a failed one is given to report on what it still holds; more than its message timeout.</param>
internal sealed class DeadLetterProducer(Func<Action, IProducer<byte[], byte[]>> build, TimeSpan farewell) : IDisposable
{
    private readonly Lock _lock = new();
    private Generation? _current;

    /// <summary>The producer to send with. Made when first needed: most instances never meet a record to set aside.</summary>
    public IProducer<byte[], byte[]> Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is { HasFailed: true })
                {
                    Retire(_current.Producer);
                    _current = null;
                }
                return (_current ??= new(build)).Producer;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Producer.Dispose();
            _current = null;
        }
    }

    /// <summary>Whoever waits for a report gets it: every message has its timeout, fatal error or not.</summary>
    private void Retire(IProducer<byte[], byte[]> failed) => _ = Task.Run(() =>
    {
        failed.Flush(farewell);
        failed.Dispose();
    });

    private sealed class Generation
    {
        private volatile bool _hasFailed;

        public Generation(Func<Action, IProducer<byte[], byte[]>> build) => Producer = build(() => _hasFailed = true);

        public IProducer<byte[], byte[]> Producer { get; }

        public bool HasFailed => _hasFailed;
    }
}
