using System.Globalization;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Application;
using Npgsql;

namespace LogPartitioning.Tests.Faults;

/// <summary>
/// Compares, as long as a scenario runs, what Kafka holds as committed with what PostgreSQL holds as stored. Kafka's
/// figure may lag behind; it must never be ahead: that would be a commit of what is not stored. At the end both are equal.
/// </summary>
internal sealed class OffsetWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly GroupOffsetsReader _brokers;
    private readonly Func<CancellationToken, Task<IReadOnlyDictionary<int, long>>> _readStored;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _ahead = [];
    private readonly Task _watching;

    public OffsetWatch(RunningApplication application)
    {
        var kafka = KafkaAccess.OptionsOf(application);
        _brokers = new GroupOffsetsReader(
            KafkaAccess.Configure(application, new ClientConfig { SocketTimeoutMs = 10_000 }),
            kafka.Group,
            kafka.Topic,
            TimeSpan.FromSeconds(5),
            TimeProvider.System,
            _ => { },
            BrokerCapabilities.From(kafka)); // Brokers are killed here; the next reading tells.
        _readStored = async token =>
            (await StoredPositions.ReadAsync(application.Logs, kafka.Group, kafka.Topic, token)).ToDictionary(p => p.Key, p => p.Value.NextOffset);
        _watching = WatchAsync();
    }

    /// <summary>How often both were read.</summary>
    public int Readings { get; private set; }

    /// <summary>Why the last reading that came to nothing did so.</summary>
    public string? LastProblem { get; private set; }

    /// <summary>Where Kafka was ahead of PostgreSQL; empty when all is well.</summary>
    public IReadOnlyList<string> Ahead
    {
        get
        {
            lock (_ahead)
            {
                return [.. _ahead];
            }
        }
    }

    /// <summary>What the brokers hold now.</summary>
    public Task<GroupOffsets> BrokersAsync(CancellationToken cancellationToken) => _brokers.ReadAsync(cancellationToken);

    /// <summary>Waits until nothing is left to store and both sides agree on it.</summary>
    public async Task<string> AgreeAsync(TimeSpan patience) => await Eventually.SeesAsync(
        "the positions in PostgreSQL, the commits in Kafka and the ends of the partitions are equal",
        DifferencesAsync,
        differences => differences.Length == 0,
        patience);

    /// <summary>Waits until every replica of the topic is in sync.</summary>
    public async Task SeesAllInSyncAsync() => await Eventually.SeesAsync(
        "every replica in sync",
        async token =>
        {
            try
            {
                var behind = (await BrokersAsync(token)).Partitions.Where(p => p.InSyncReplicas < p.Replicas).Select(p => p.Partition);
                return string.Join(", ", behind);
            }
            catch (GroupOffsetsException error)
            {
                return error.Message;
            }
        },
        behind => behind.Length == 0,
        TimeSpan.FromSeconds(90));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _brokers.Dispose();
        _stop.Dispose();
    }

    private async Task<string> DifferencesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var brokers = await _brokers.ReadAsync(cancellationToken);
            var stored = await _readStored(cancellationToken);
            return string.Join("; ", brokers.Partitions
                .Where(p => p.End > 0 && (p.Committed != p.End || stored.GetValueOrDefault(p.Partition) != p.End))
                .Select(p => string.Create(
                    CultureInfo.InvariantCulture,
                    $"partition {p.Partition}: ends at {p.End}, committed {p.Committed}, stored {stored.GetValueOrDefault(p.Partition)}, owner {p.Owner}")));
        }
        catch (Exception error) when (error is GroupOffsetsException or NpgsqlException)
        {
            return error.Message;
        }
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            try
            {
                // Kafka first: whatever is committed there was stored before, so it is among what PostgreSQL says after.
                var committed = (await _brokers.ReadAsync(_stop.Token)).Partitions.Where(p => p.Committed is not null).ToList();
                await CompareAsync(committed, _stop.Token);
            }
            catch (Exception error) when (!_stop.IsCancellationRequested)
            {
                // Some broker is down just now, as a rule; whatever it is, the next reading tries again.
                LastProblem = error.Message;
            }

            await Task.Delay(Interval, _stop.Token);
        }
    }

    /// <summary>While the database is away the reading from Kafka waits for it: what was committed meanwhile must be stored when it is back.</summary>
    private async Task CompareAsync(List<PartitionOffsets> committed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var stored = await _readStored(cancellationToken);
                lock (_ahead)
                {
                    Readings++;
                    _ahead.AddRange(committed
                        .Where(p => p.Committed > stored.GetValueOrDefault(p.Partition))
                        .Select(p => string.Create(
                            CultureInfo.InvariantCulture,
                            $"partition {p.Partition}: Kafka has {p.Committed} committed, PostgreSQL {stored.GetValueOrDefault(p.Partition)} stored")));
                }

                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                LastProblem = error.ToString();
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
        }
    }
}
