using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Gateway.Storage;

/// <summary>Sees to it that the tables exist, trying until the database is there: reading must not depend on who starts first.</summary>
internal sealed partial class SchemaStartup(NpgsqlDataSource database, TimeProvider time, ILogger<SchemaStartup> logger) : BackgroundService
{
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var wait = TimeSpan.FromSeconds(0.5); ; wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait)
        {
            try
            {
                await LogStoreSchema.EnsureAsync(database, stoppingToken);
                return;
            }
            catch (NpgsqlException e)
            {
                LogWaiting(logger, e.Message);
                await Task.Delay(wait, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(4020, LogLevel.Warning, "Waiting for the log store: {Problem}")]
    private static partial void LogWaiting(ILogger logger, string problem);
}
