using Confluent.Kafka;

namespace LogPartitioning.Core.Kafka;

/// <summary>
/// A producer, and a new one when it can send nothing more: an idempotent one takes nothing more after a fatal error, such as
/// a permission that it lacked when it began and that may have been granted since.
/// </summary>
/// <param name="config">How producers are set up.</param>
/// <param name="log">Takes the client's log messages.</param>
/// <param name="error">Takes the client's errors, fatal or not; may be null, since the client logs them too.</param>
public sealed class RenewableProducer<TKey, TValue>(ProducerConfig config, Action<LogMessage> log, Action<Error>? error = null) : IDisposable
{
    private static readonly TimeSpan CloseMargin = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IProducer<TKey, TValue>? _current;
    private volatile IProducer<TKey, TValue>? _failed;

    /// <summary>The producer to send with; to be asked for before each attempt. Made when first needed.</summary>
    public IProducer<TKey, TValue> Current
    {
        get
        {
            lock (_lock)
            {
                if (_current is not null && ReferenceEquals(_current, _failed))
                {
                    Retire(_current);
                    _current = null;
                }
                return _current ??= Build();
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Dispose();
            _current = null;
        }
    }

    private IProducer<TKey, TValue> Build() => new ProducerBuilder<TKey, TValue>(config)
        .SetLogHandler((_, message) => log(message))
        .SetErrorHandler((producer, reason) =>
        {
            if (reason.IsFatal)
            {
                _failed = producer;
            }
            error?.Invoke(reason);
        })
        .Build();

    /// <summary>Whoever waits for a report gets it: every message has its timeout, fatal error or not.</summary>
    private void Retire(IProducer<TKey, TValue> failed) => _ = Task.Run(async () =>
    {
        // Somebody may have asked for it a moment ago, and be about to send with it.
        await Task.Delay(CloseMargin);
        failed.Flush(TimeSpan.FromMilliseconds(config.MessageTimeoutMs ?? 0) + CloseMargin);
        failed.Dispose();
    });
}
