using LogPartitioning.Core;
using LogPartitioning.Core.Storage;

namespace LogPartitioning.Gateway.Storage;

/// <summary>
/// Sees to it that the tables are as this program needs them, trying until they are: reading must not depend on who starts first. A store that
/// it cannot work with ends the service.
/// </summary>
internal sealed partial class SchemaStartup(LogStoreSchema schema, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<SchemaStartup> logger) : BackgroundService
{
    private readonly SteadyLoop _loop = new("Making the tables", time, logger);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _loop.UntilDoneAsync(MakeAsync, stoppingToken);

    private async Task MakeAsync(CancellationToken stoppingToken)
    {
        try
        {
            await schema.EnsureWhenReadyAsync((e, _) => LogWaiting(logger, e.Message), stoppingToken);
        }
        catch (StoreRefusedException e)
        {
            foreach (var problem in e.Problems)
            {
                LogWrong(logger, problem);
            }

            Environment.ExitCode = CheckedStart.WrongStoreExitCode;
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(4020, LogLevel.Warning, "Waiting for the log store: {Problem}")]
    private static partial void LogWaiting(ILogger logger, string problem);

    [LoggerMessage(4021, LogLevel.Critical, "The service does not start. {Problem}")]
    private static partial void LogWrong(ILogger logger, string problem);
}
