using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>What a failure of the database or of its client is called to callers. Its own words are for the log.</summary>
public static class LogStoreFailure
{
    /// <summary>
    /// Whether all connections of this service were in use for as long as it waits for one. The driver has no type for it; in other
    /// words it would count as a server that does not answer in time.
    /// </summary>
    public static bool IsPoolEmpty(Exception failure) =>
        failure is NpgsqlException { InnerException: TimeoutException } && failure.Message.StartsWith("The connection pool has been exhausted", StringComparison.Ordinal);

    /// <summary>The failure as part of a sentence.</summary>
    public static string InWords(Exception failure) => failure switch
    {
        _ when IsPoolEmpty(failure) => "all connections to the log store are in use",
        PostgresException refused => $"the log store refuses it (SQLSTATE {refused.SqlState})",
        StoreNotReadyException => "the log store is not ready for it",
        OperationCanceledException or TimeoutException or NpgsqlException { InnerException: TimeoutException } => "the log store does not answer in time",
        _ => "the log store does not answer",
    };
}
