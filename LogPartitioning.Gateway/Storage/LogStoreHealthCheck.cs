using LogPartitioning.Core.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace LogPartitioning.Gateway.Storage;

/// <summary>Whether stored events can be read.</summary>
internal sealed class LogStoreHealthCheck(NpgsqlDataSource database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await database.ReadAsync(
                async token =>
                {
                    await using var command = database.CreateCommand("SELECT 1");
                    command.CommandTimeout = 2;
                    return await command.ExecuteScalarAsync(token);
                },
                cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (NpgsqlException)
        {
            return new(context.Registration.FailureStatus, "The log store does not answer: stored events cannot be read.");
        }
    }
}
