using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Core.Replay;

/// <summary>
/// Reads stored history from the brokers and puts into the store what is missing there. It reads beside the group, not as
/// a member of it, and moves no position; that an event is stored once is the doing of its id.
/// </summary>
public sealed class HistoryReplay
{
    private const int BatchRecords = 1000;
    private const long BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan ReadWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BrokerPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan[] StoreRetries =
        [.. new[] { 1, 2, 4, 8, 15, 30 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private readonly ClientConfig _config;
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly string _topic;

    /// <summary>Replays <paramref name="topic"/> into <paramref name="database"/>.</summary>
    /// <param name="config">How to reach the brokers.</param>
    /// <param name="database">Where the events go.</param>
    /// <param name="topic">The topic of the events.</param>
    /// <param name="time">The clock.</param>
    public HistoryReplay(ClientConfig config, NpgsqlDataSource database, string topic, TimeProvider time)
    {
        _config = config;
        _database = database;
        _topic = topic;
        _time = time;
    }

    /// <summary>Runs the replay to its end.</summary>
    /// <param name="ranges">What to read, from <see cref="ReplayPlan.Accepted"/>.</param>
    /// <param name="report">Told of every batch that was stored.</param>
    /// <param name="cancellationToken">Stops it between two batches. What was stored stays, and the next replay passes over it.</param>
    /// <exception cref="ConsumeException">The brokers no longer hold a record, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers gave nothing for a minute.</exception>
    /// <exception cref="NpgsqlException">The database refused, or did not answer for a minute.</exception>
    public async Task RunAsync(
        IReadOnlyList<OffsetRange> ranges, Action<ReplayProgress> report, CancellationToken cancellationToken)
    {
        var tally = new ReplayTally(ranges);
        using var reader = new RecordRangeReader(_config, _topic, ranges);
        var lastRead = _time.GetTimestamp();
        while (!reader.Completed)
        {
            // The read blocks, so it gets a thread that may; the batch is the bound on what is in memory.
            var records = await Task.Run(() => reader.Read(BatchRecords, BatchBytes, ReadWait, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (records.Count == 0)
            {
                if (!reader.Completed && _time.GetElapsedTime(lastRead) > BrokerPatience)
                {
                    throw new TimeoutException($"The brokers gave no record of {_topic} for {BrokerPatience.TotalSeconds:0} s.");
                }
                continue;
            }
            var batches = tally.Sort(records);
            tally.Count(records, batches, await StoreAsync(batches, cancellationToken).ConfigureAwait(false));
            report(tally.Progress());
            lastRead = _time.GetTimestamp();
        }
        tally.Finish();
        report(tally.Progress());
    }

    private async Task<int> StoreAsync(IReadOnlyList<PartitionBatch> batches, CancellationToken cancellationToken)
    {
        if (batches.Count == 0)
        {
            return 0;
        }
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = await _database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                var stored = await EventInsert.Staged.RunAsync(connection, batches, cancellationToken).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return stored.Values.Sum();
            }
            catch (NpgsqlException error) when (error.IsTransient && attempt < StoreRetries.Length)
            {
                // Also after a commit whose answer was lost: the second time there is just nothing left to insert.
                await Task.Delay(StoreRetries[attempt], _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
