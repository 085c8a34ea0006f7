using Confluent.Kafka;

namespace LogPartitioning.Producer.Delivery;

/// <summary>
/// The clients that send the records. The brokers refuse a batch as a whole when it is larger than the topic's
/// <c>max.message.bytes</c>, and a client's batches cannot be made smaller once it is made: so another client takes over when
/// the limit turns out to be below them.
/// </summary>
/// <param name="first">The client of the service.</param>
/// <param name="config">How it was set up.</param>
/// <param name="build">Makes another one.</param>
/// <param name="log">Says when another takes over.</param>
internal sealed partial class RecordClients(
    IProducer<string, byte[]> first,
    ProducerConfig config,
    Func<ProducerConfig, IProducer<string, byte[]>> build,
    ILogger<RecordClients> log) : IDisposable
{
    /// <summary>The client's own default of <c>batch.size</c> and of <c>message.max.bytes</c>.</summary>
    private const int DefaultBytes = 1_000_000;

    /// <summary>How much smaller batches become when the limit is not known. Few steps, so that few clients are made.</summary>
    private const int Step = 8;

    /// <summary>Below this a batch is one record.</summary>
    private const int SmallestBatchBytes = 1_000;

    /// <summary>
    /// How long a record waits for others while many requests are at work. The client sends each partition's records in a request of their own, whose cost
    /// for the brokers hardly depends on how many there are in it: 64 clients of single events get 1.2 times as many through, for 0.75 of the processor time
    /// of the brokers; 8 clients of bodies of 500 get 1.13 times as many, for 0.8 of it.
    /// </summary>
    private const double LingerMs = 5;

    private readonly Lock _lock = new();
    private readonly List<IProducer<string, byte[]>> _made = [];
    private volatile IProducer<string, byte[]> _current = first;
    private volatile IProducer<string, byte[]>? _alone;
    private volatile IProducer<string, byte[]>? _lingering;
    private int _batchBytes = Math.Min(config.BatchSize ?? DefaultBytes, config.MessageMaxBytes ?? DefaultBytes);

    /// <summary>The client to send with.</summary>
    public IProducer<string, byte[]> Current => _current;

    /// <summary>The client for requests while many of them are at work. Made when first needed.</summary>
    public IProducer<string, byte[]> Lingering
    {
        get
        {
            if (_lingering is { } made)
            {
                return made;
            }

            lock (_lock)
            {
                return _lingering ??= config.LingerMs >= LingerMs || ReferenceEquals(_current, _alone) ? _current : Make(settings =>
                {
                    settings.LingerMs = LingerMs;
                    settings.BatchSize = _batchBytes;
                });
            }
        }
    }

    /// <summary>The client that puts each record in a batch by itself. Made when first needed.</summary>
    public IProducer<string, byte[]> Alone
    {
        get
        {
            lock (_lock)
            {
                return _alone ??= Make(settings => settings.BatchNumMessages = 1);
            }
        }
    }

    /// <summary>Whether a client puts each record in a batch by itself.</summary>
    public bool SendsAlone(IProducer<string, byte[]> client) => ReferenceEquals(client, _alone);

    /// <summary>Keeps batches within the topic's <paramref name="maxMessageBytes"/> from now on.</summary>
    public void KeepWithin(int maxMessageBytes)
    {
        lock (_lock)
        {
            if (maxMessageBytes < _batchBytes)
            {
                Shrink(maxMessageBytes);
            }
        }
    }

    /// <summary>Makes batches smaller, since one of <paramref name="client"/> was too large, and its records were not.</summary>
    public void Shrink(IProducer<string, byte[]> client)
    {
        lock (_lock)
        {
            // Another request may have found it out first.
            if (ReferenceEquals(client, _current) || ReferenceEquals(client, _lingering))
            {
                Shrink(_batchBytes / Step);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _made.ForEach(client => client.Dispose());

    private void Shrink(int batchBytes)
    {
        _batchBytes = batchBytes;
        _lingering = null;
        _current = batchBytes < SmallestBatchBytes ? Alone : Make(settings => settings.BatchSize = batchBytes);
        LogSmaller(log, batchBytes);
    }

    // Those before it may still have records on their way, so all stay to the end; there are few.
    private IProducer<string, byte[]> Make(Action<ProducerConfig> set)
    {
        // Nobody reads the statistics of these.
        var settings = new ProducerConfig(new Dictionary<string, string>(config)) { StatisticsIntervalMs = 0 };
        set(settings);
        var made = build(settings);
        _made.Add(made);
        return made;
    }

    [LoggerMessage(31, LogLevel.Warning, "The topic takes smaller batches than this client makes as it comes; from now on they have at most {Bytes} bytes.")]
    private static partial void LogSmaller(ILogger log, int bytes);
}
