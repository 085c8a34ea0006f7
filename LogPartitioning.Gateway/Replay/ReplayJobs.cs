using System.Diagnostics;
using Confluent.Kafka;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using Npgsql;

namespace LogPartitioning.Gateway.Replay;

/// <summary>
/// Runs replays in the background, one at a time over all gateways of the store: an advisory lock of the database says
/// who. The last ones are remembered until the gateway stops; what a replay stored is in the store, so that after a
/// restart the same request goes on where it was.
/// </summary>
internal sealed partial class ReplayJobs : IHostedService, IDisposable
{
    private const int Remembered = 20;
    // Any constant will do that nothing else locks: "replay" in ASCII.
    private const long AdvisoryLock = 0x7265706c6179;
    private static readonly TimeSpan UnlockTimeout = TimeSpan.FromSeconds(10);

    private readonly HistoryReplay _replay;
    private readonly NpgsqlDataSource _database;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplayJobs> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly LinkedList<ReplayJob> _jobs = [];
    private Task _running = Task.CompletedTask;

    public ReplayJobs(HistoryReplay replay, NpgsqlDataSource database, TimeProvider time, ILogger<ReplayJobs> logger)
    {
        _replay = replay;
        _database = database;
        _time = time;
        _logger = logger;
    }

    /// <summary>The replays that are remembered, newest first.</summary>
    public IReadOnlyList<ReplayJob> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _jobs];
            }
        }
    }

    public ReplayJob? Find(Guid id) => All.FirstOrDefault(j => j.Id == id);

    /// <summary>Starts a replay, or returns null when another one runs, here or at another gateway.</summary>
    public async Task<ReplayJob?> TryStartAsync(
        ReplayRequest request, IReadOnlyList<OffsetRange> ranges, CancellationToken cancellationToken)
    {
        var turn = await TryLockAsync(cancellationToken);
        if (turn is null)
        {
            return null;
        }
        lock (_gate)
        {
            var job = new ReplayJob(request, ranges, _time, _stopping.Token);
            _jobs.AddFirst(job);
            if (_jobs.Count > Remembered)
            {
                _jobs.RemoveLast();
            }
            _running = RunAsync(job, turn);
            return job;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        Task running;
        lock (_gate)
        {
            running = _running;
        }
        await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task<NpgsqlConnection?> TryLockAsync(CancellationToken cancellationToken)
    {
        var connection = await _database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock });
            if (await command.ExecuteScalarAsync(cancellationToken) is true)
            {
                return connection;
            }
        }
        catch
        {
            // Whoever gave up waiting may have got the lock all the same.
            await UnlockAsync(connection);
            throw;
        }
        await connection.DisposeAsync();
        return null;
    }

    private async Task RunAsync(ReplayJob job, NpgsqlConnection turn)
    {
        // The request that starts a replay does not wait for its first batch.
        await Task.Yield();
        // Nor is what it does part of that request's trace, which is over long before.
        Activity.Current = null;
        LogStarted(job.Id, job.Ranges.Sum(r => r.Length));
        var (state, problem) = (ReplayState.Completed, (string?)null);
        try
        {
            await _replay.RunAsync(job.Ranges, job.Report, job.Stopping);
            var progress = job.Now.Progress;
            LogCompleted(job.Id, progress.Records, progress.Stored, progress.Poison);
        }
        catch (OperationCanceledException) when (job.Stopping.IsCancellationRequested)
        {
            state = ReplayState.Cancelled;
        }
        catch (ConsumeException error)
        {
            (state, problem) = (ReplayState.Failed, $"The brokers refused: {error.Error.Reason}");
            LogFailed(error, job.Id);
        }
        // The edge of a background task: whatever it was, the replay has failed and has to say so.
        catch (Exception error)
        {
            (state, problem) = (ReplayState.Failed, error.Message);
            LogFailed(error, job.Id);
        }
        // Before the end is told: whoever sees it may start the next one at once.
        await UnlockAsync(turn);
        job.End(state, problem);
    }

    /// <summary>Gives up the lock and returns the connection to the pool, which alone would keep it until its next command.</summary>
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        using var timeout = new CancellationTokenSource(UnlockTimeout);
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection);
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = AdvisoryLock });
            await command.ExecuteNonQueryAsync(timeout.Token);
        }
        catch (Exception error) when (error is NpgsqlException or OperationCanceledException or InvalidOperationException)
        {
            // Broken, now or before: the server gives up the locks of a session that is gone.
        }
        finally
        {
            await connection.DisposeAsync();
        }
    }

    [LoggerMessage(4200, LogLevel.Information, "Replay {Id} started: {Offsets} offsets to read.")]
    private partial void LogStarted(Guid id, long offsets);

    [LoggerMessage(4201, LogLevel.Information, "Replay {Id} completed: {Records} records read, {Stored} stored, {Poison} poison.")]
    private partial void LogCompleted(Guid id, long records, long stored, long poison);

    [LoggerMessage(4202, LogLevel.Error, "Replay {Id} failed. What it stored so far stays; the same request goes on from there.")]
    private partial void LogFailed(Exception error, Guid id);
}
