using LogPartitioning.Core.Storage.Retention;
using Npgsql;

namespace LogPartitioning.Gateway.Retention;

/// <summary>Runs that an operator asked for: they go on when the request has been answered, and end with the service.</summary>
internal sealed partial class RetentionRunner(LogRetention retention, NpgsqlDataSource database, ILogger<RetentionRunner> logger) : IHostedService, IDisposable
{
    private const string Name = "gateway";

    private readonly CancellationTokenSource _stopping = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Starts one; false where one runs, here or elsewhere.</summary>
    public async Task<bool> TryStartAsync(CancellationToken cancellationToken)
    {
        if (await RetentionTurn.TryTakeAsync(database, cancellationToken) is not { } turn)
        {
            return false;
        }

        // Who has the turn is the only one.
        _last = RunAsync(turn);
        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _last.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(RetentionTurn turn)
    {
        await using (turn)
        {
            try
            {
                await retention.RunAsync(turn, Name, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The service stops; the rest goes with the next run.
            }
            // The edge of a background task: every failure has to be told.
            catch (Exception e)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(4030, LogLevel.Error, "Retention failed. What went is gone; the rest goes with the next run.")]
    private partial void LogFailed(Exception failure);
}
