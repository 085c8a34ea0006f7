using LogPartitioning.Core.Storage;
using LogPartitioning.Core.Storage.Retention;
using Npgsql;

namespace LogPartitioning.Gateway.Retention;

/// <summary>Reads how long events are kept, what would go now, what there is, and what went.</summary>
internal sealed class RetentionReader(RetentionPlanner planner, RetentionRuns runs, NpgsqlDataSource database, StoreOptions options)
{
    /// <exception cref="NpgsqlException">The database does not answer or refuses.</exception>
    public async Task<RetentionView> ReadAsync(CancellationToken cancellationToken)
    {
        var running = await RetentionTurn.IsTakenAsync(database, cancellationToken);
        var plan = await planner.ReadAsync(cancellationToken);
        return RetentionView.Of(options, running, plan, await runs.ListAsync(RetentionRuns.Kept, cancellationToken));
    }
}
