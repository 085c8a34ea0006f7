using Confluent.Kafka;
using LogPartitioning.Consumer.Assignment;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using Npgsql;

namespace LogPartitioning.Consumer.Replay;

/// <summary>
/// Reads stored history from the brokers and puts into the store what is missing there. It reads beside the group, not as
/// a member of it, and moves no position; that an event is stored once is the doing of its id.
/// </summary>
internal sealed class HistoryReplay(ClientConfig client, NpgsqlDataSource database, ReplayJobs jobs, TopicWatch topic, TimeProvider time)
{
    private const int BatchRecords = 1000;
    private const long BatchBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan ReadWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);
    private const int MaxRetries = 6;

    /// <summary>Runs a job from where it stands to its end.</summary>
    /// <param name="job">The job.</param>
    /// <param name="owner">Under which name it was taken.</param>
    /// <param name="cancellationToken">Stops it between two batches. What was stored stays, and the next run goes on from there.</param>
    /// <returns>The progress at the end.</returns>
    /// <exception cref="ConsumeException">The brokers no longer hold a record, or refuse.</exception>
    /// <exception cref="TimeoutException">The brokers gave nothing for a minute.</exception>
    /// <exception cref="NpgsqlException">The database refused, or did not answer for a minute.</exception>
    /// <exception cref="LeaseLostException">Another instance has the job.</exception>
    /// <exception cref="TopicReplacedException">The topic is another one than when the job was planned.</exception>
    public async Task<ReplayProgress> RunAsync(ReplayJob job, string owner, CancellationToken cancellationToken)
    {
        var progress = job.Progress;
        var logs = progress.Partitions.ToDictionary(p => p.Partition, p => p.Log);
        await CheckTopicAsync(progress, cancellationToken);
        var records = new RecordReader(time);
        using var reader = new RecordRangeReader(client, job.Topic, progress.Partitions.Select(p => new OffsetRange(p.Partition, p.Next, p.To)));
        var lastRead = time.GetTimestamp();
        while (!reader.Completed)
        {
            // The read blocks, so it gets a thread that may; the batch is the bound on what is in memory.
            var read = await Task.Run(() => reader.Read(BatchRecords, BatchBytes, ReadWait, cancellationToken), cancellationToken);
            if (read.Count > 0)
            {
                // After the read: what was read is of the topic that is there still.
                await CheckTopicAsync(progress, cancellationToken);
                progress = await StoreAsync(job.Id, owner, ReplayBatch.Of(read, records, logs), progress, cancellationToken);
                lastRead = time.GetTimestamp();
            }
            else if (!reader.Completed && time.GetElapsedTime(lastRead) > BrokerTimeout)
            {
                throw new TimeoutException($"The brokers gave no record of {job.Topic} for {BrokerTimeout.TotalSeconds:0} s.");
            }
        }

        // Offsets without a record may lie at the end of a range; they are done with when the range is.
        progress = progress with { Partitions = [.. progress.Partitions.Select(p => p with { Next = Math.Max(p.Next, p.To) })] };
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReplayJobs.SaveAsync(connection, job.Id, owner, progress, cancellationToken) ? progress : throw new LeaseLostException();
    }

    private async Task CheckTopicAsync(ReplayProgress progress, CancellationToken cancellationToken)
    {
        if (progress.TopicId is { } planned && await topic.ReadAsync(cancellationToken) is var present && present != planned)
        {
            throw new TopicReplacedException(planned, present);
        }
    }

    private async Task<ReplayProgress> StoreAsync(Guid id, string owner, ReplayBatch batch, ReplayProgress before, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstRetry, LongestRetry);
        while (true)
        {
            try
            {
                // A commit whose answer was lost may have been done: then the batch is counted already.
                if (backoff.Attempts > 0 && await jobs.FindAsync(id, cancellationToken) is { } known && known.Progress.Records > before.Records)
                {
                    return known.Progress;
                }

                await using var connection = await database.OpenConnectionAsync(cancellationToken);
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var inserted = batch.Events.Count == 0
                    ? new InsertOutcome(new Dictionary<int, int>())
                    : await EventInsert.RunAsync(connection, batch.Events, isHistory: true, lookFor: null, cancellationToken);
                var progress = batch.AddTo(before, inserted);
                if (!await ReplayJobs.SaveAsync(connection, id, owner, progress, cancellationToken))
                {
                    throw new LeaseLostException();
                }

                await transaction.CommitAsync(CancellationToken.None);
                return progress;
            }
            catch (NpgsqlException error) when ((error.IsTransient || (error is PostgresException refused && StoredEventIds.IsTaken(refused))) && backoff.Attempts < MaxRetries)
            {
                await Task.Delay(backoff.Next(), time, cancellationToken);
            }
        }
    }
}

/// <summary>Another instance has taken the job: nothing more of it is stored here.</summary>
internal sealed class LeaseLostException : Exception;

/// <summary>The offsets of a job are of a topic that is no more.</summary>
internal sealed class TopicReplacedException(string planned, string? present)
    : Exception($"The replay was planned for topic id {planned}, and the brokers have {present ?? "none"}: the topic was created again.");
