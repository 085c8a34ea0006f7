using Confluent.Kafka;
using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Consumer.Replay;

/// <summary>
/// Does the replays that the gateway has put into <c>replay_jobs</c>. Each instance looks for one; the one that finds it
/// holds it by a lease. When that instance stops or dies, another goes on from the last stored batch.
/// </summary>
internal sealed partial class ReplayRunner(
    HistoryReplay replay,
    ReplayJobs jobs,
    ConsumerInstance instance,
    ConsumerOptions options,
    IOptions<KafkaOptions> kafka,
    TimeProvider time,
    ILogger<ReplayRunner> log) : BackgroundService
{
    /// <summary>How often a job is looked for, and while one runs, its lease renewed and a cancellation noticed.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await instance.Ready.WaitAsync(stoppingToken);
            using var timer = new PeriodicTimer(Interval, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await LookAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var owner = $"{options.Instance}/{Guid.NewGuid():N}";
        try
        {
            if (await jobs.TryTakeAsync(kafka.Value.Topic, owner, Lease, stop) is { } job)
            {
                await RunAsync(job, owner, stop);
            }
        }
        catch (Exception e) when (e is NpgsqlException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            // The writers tell that the database does not answer; a job waits for it, or is taken by another instance.
        }
        // A background service that throws ends the whole instance; no replay is worth that.
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogNotTaken(e);
        }
    }

    private async Task RunAsync(ReplayJob job, string owner, CancellationToken stop)
    {
        LogStarted(job.Id, options.Instance, job.Progress.Partitions.Sum(p => p.To - p.Next));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var keeping = KeepAsync(job.Id, owner, end);
        string? state, problem = null;
        try
        {
            var done = await replay.RunAsync(job, owner, end.Token);
            state = ReplayState.Completed;
            LogCompleted(job.Id, done.Records, done.Stored, done.Poison);
        }
        catch (Exception error) when (error is LeaseLostException || (error is OperationCanceledException && end.IsCancellationRequested))
        {
            state = null;
        }
        // The edge of a background task: every failure has to be told.
        catch (Exception error)
        {
            (state, problem) = (ReplayState.Failed, error switch
            {
                KafkaException refused => $"Not read on: {BrokerFailure.InWords(refused.Error)}",
                NpgsqlException refused => $"Not stored: {LogStoreFailure.InWords(refused)}",
                _ => error.Message,
            });
            LogFailed(error, job.Id);
        }

        await end.CancelAsync();
        var cancelled = await keeping;
        using var timeout = new CancellationTokenSource(EndTimeout, time);
        if (state is null && !cancelled)
        {
            LogReleased(options.Instance, job.Id);
            await jobs.ReleaseAsync(job.Id, owner, timeout.Token);
        }
        else
        {
            await jobs.EndAsync(job.Id, owner, state ?? ReplayState.Cancelled, problem, timeout.Token);
        }
    }

    /// <summary>Renews the lease; ends the run when the lease is lost, or when the end was asked for.</summary>
    /// <returns>Whether the end was asked for.</returns>
    private async Task<bool> KeepAsync(Guid id, string owner, CancellationTokenSource end)
    {
        var renewed = time.GetTimestamp();
        try
        {
            while (true)
            {
                await Task.Delay(Interval, time, end.Token);
                try
                {
                    if (await jobs.RenewAsync(id, owner, Lease, end.Token) is not false and var asked)
                    {
                        await end.CancelAsync();
                        return asked == true;
                    }
                    renewed = time.GetTimestamp();
                }
                catch (NpgsqlException) when (time.GetElapsedTime(renewed) < Lease)
                {
                    // Tried again while the lease holds.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run has ended.
        }
        catch (NpgsqlException)
        {
            await end.CancelAsync();
        }
        return false;
    }

    [LoggerMessage(3601, LogLevel.Information, "Replay {Id} runs on {Instance}: {Offsets} offsets to read")]
    private partial void LogStarted(Guid id, string instance, long offsets);

    [LoggerMessage(3602, LogLevel.Information, "Replay {Id} completed: {Records} records read, {Stored} stored, {Poison} poison")]
    private partial void LogCompleted(Guid id, long records, long stored, long poison);

    [LoggerMessage(3603, LogLevel.Error, "Replay {Id} failed. What it stored so far stays; the same request goes on from there.")]
    private partial void LogFailed(Exception error, Guid id);

    [LoggerMessage(3605, LogLevel.Error, "A replay could not be taken. It is tried again.")]
    private partial void LogNotTaken(Exception error);

    [LoggerMessage(3604, LogLevel.Information, "{Instance} leaves replay {Id} to another instance")]
    private partial void LogReleased(string instance, Guid id);
}
