using LogPartitioning.Core;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Gateway.Storage;

/// <summary>Sees to it that the tables exist, trying until the database is there: reading must not depend on who starts first.</summary>
internal sealed partial class SchemaStartup(NpgsqlDataSource database, TimeProvider time, ILogger<SchemaStartup> logger) : BackgroundService
{
    private readonly SteadyLoop _loop = new("Creating the tables", time, logger);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _loop.UntilDoneAsync(
            token => LogStoreSchema.EnsureWhenDatabaseAnswersAsync(database, time, (e, _) => LogWaiting(logger, e.Message), token),
            stoppingToken);

    [LoggerMessage(4020, LogLevel.Warning, "Waiting for the log store: {Problem}")]
    private static partial void LogWaiting(ILogger logger, string problem);
}
