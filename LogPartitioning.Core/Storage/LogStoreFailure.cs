using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>What a failure of the database or of its client is called to callers. Its own words are for the log.</summary>
public static class LogStoreFailure
{
    /// <summary>The failure as part of a sentence.</summary>
    public static string InWords(Exception failure) => failure switch
    {
        PostgresException refused => $"the log store refuses it (SQLSTATE {refused.SqlState})",
        OperationCanceledException or TimeoutException or NpgsqlException { InnerException: TimeoutException } => "the log store does not answer in time",
        _ => "the log store does not answer",
    };
}
