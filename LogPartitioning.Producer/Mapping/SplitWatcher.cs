using LogPartitioning.Core;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Partitioning;
using Microsoft.Extensions.Options;
using Npgsql;

namespace LogPartitioning.Producer.Mapping;

/// <summary>Keeps the splits of this process equal to the stored ones. While the database is down the last known ones hold.</summary>
internal sealed partial class SplitWatcher(
    LogStoreSchema schema,
    SplitStore store,
    SourceSplits splits,
    IOptions<PartitioningOptions> options,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<SplitWatcher> log) : BackgroundService
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly SteadyLoop _loop = new("Reading the stored splits", time, log);
    private readonly Backoff _backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    private volatile bool _isCurrent;
    private bool _hasWorked;

    /// <summary>Whether the splits were read, and the database has answered since.</summary>
    public bool IsCurrent => _isCurrent;

    /// <summary>Reads the stored splits now.</summary>
    /// <exception cref="NpgsqlException">The database does not answer.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        // One at a time, or an older reading could overwrite a newer one.
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            splits.Replace(await store.ReadAsync(cancellationToken));
        }
        finally
        {
            _oneAtATime.Release();
        }

        _isCurrent = true;
    }

    public override void Dispose()
    {
        _oneAtATime.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.UntilDoneAsync(WatchAsync, stoppingToken);

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await schema.EnsureAsync(stoppingToken);
                _hasWorked = true;
                await store.WatchAsync(options.Value.RefreshInterval, RefreshAsync, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreRefusedException e) when (!_hasWorked)
            {
                // Later it is no reason to stop taking events: the last known splits hold.
                foreach (var problem in e.Problems)
                {
                    LogWrongStore(problem);
                }

                Environment.ExitCode = CheckedStart.WrongStoreExitCode;
                lifetime.StopApplication();
                return;
            }
            catch (Exception e) when (e is NpgsqlException or StoreNotReadyException or TimeoutException or IOException or System.Net.Sockets.SocketException)
            {
                if (_isCurrent || _backoff.Attempts == 0)
                {
                    LogUnreachable(e.Message);
                }

                if (_isCurrent)
                {
                    // It was read since the last failure.
                    _backoff.Reset();
                }

                _isCurrent = false;
            }
            catch
            {
                // Nothing that a database which is down does: the loop tells it, and begins again.
                _isCurrent = false;
                throw;
            }

            await Task.Delay(_backoff.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "The stored splits cannot be read, the last known ones hold: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(24, LogLevel.Critical, "The service does not start. {Problem}")]
    private partial void LogWrongStore(string problem);
}
