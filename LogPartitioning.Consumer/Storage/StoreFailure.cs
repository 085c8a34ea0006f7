using System.Text;
using LogPartitioning.Core.Storage;
using Npgsql;

namespace LogPartitioning.Consumer.Storage;

/// <summary>What to do about a write that failed.</summary>
internal enum StoreFailureKind
{
    /// <summary>The batch is fine, the database is not (down, restarting, out of disk, a deadlock): the same batch again, later.</summary>
    Transient,

    /// <summary>As <see cref="Transient"/>, but waiting will not help (no table, no permission, disk full): an operator must act.</summary>
    Operator,

    /// <summary>The database refuses something in the batch and always will: find the record and set it aside.</summary>
    Data,
}

/// <summary>Sorts the exceptions of <see cref="LogStore.WriteAsync"/> by what has to follow.</summary>
internal static class StoreFailure
{
    /// <summary>What is wrong, in words for an operator.</summary>
    public static string Describe(Exception failure)
    {
        return StoredEventPlaces.IsTaken(failure)
            ? "another event is stored at the partition and offset of this one: the rows of log_events are of another topic, or of one that was deleted and created again"
            : failure.Message;
    }

    /// <summary>The same for callers of the API: without the database's own words.</summary>
    public static string Show(Exception failure) => StoredEventPlaces.IsTaken(failure)
        ? Describe(failure)
        : Classify(failure) == StoreFailureKind.Data && failure is not PostgresException
            ? "the log store's client cannot encode it"
            : LogStoreFailure.InWords(failure);

    /// <summary>
    /// Classifies by SQLSTATE. What is not known to be about the data waits: a batch tried too many times is slow, a record
    /// set aside by mistake is out of order.
    /// </summary>
    public static StoreFailureKind Classify(Exception failure)
    {
        return failure switch
        {
            // Not the event is wrong, but the log that it comes from: set aside, every further one would follow it.
            _ when StoredEventPlaces.IsTaken(failure) => StoreFailureKind.Operator,
            PostgresException postgres => OfSqlState(postgres.SqlState),
            // The client's own refusal to encode a text, raised before anything reaches the database.
            EncoderFallbackException => StoreFailureKind.Data,
            NpgsqlException { InnerException: EncoderFallbackException } => StoreFailureKind.Data,
            // A type that the client cannot write: the column is not what it was.
            InvalidCastException or NotSupportedException => StoreFailureKind.Operator,
            _ => StoreFailureKind.Transient,
        };
    }

    /// <summary>
    /// Whether the session is at fault and another one may fare better: the server was a replica when it began, or is going
    /// down.
    /// </summary>
    public static bool IsOfSession(Exception failure) =>
        failure is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } || StaleConnections.IsStale(failure);

    /// <summary>Only errors about a value itself are the data's; all else is about the database, and waits.</summary>
    private static StoreFailureKind OfSqlState(string sqlState) => sqlState switch
    {
        PostgresErrorCodes.NumericValueOutOfRange
            or PostgresErrorCodes.InvalidDatetimeFormat
            or PostgresErrorCodes.DatetimeFieldOverflow
            or PostgresErrorCodes.CharacterNotInRepertoire
            or PostgresErrorCodes.UntranslatableCharacter
            or PostgresErrorCodes.InvalidTextRepresentation => StoreFailureKind.Data,
        ['2', '2', '0', '3', ..] => StoreFailureKind.Data,  // JSON that the database does not take
        "54000" => StoreFailureKind.Data,                   // a limit of the program: an index row too large, say
        ['2', '2', ..] => StoreFailureKind.Operator,        // a column of another type or a smaller width than ours
        ['2', '3', ..] => StoreFailureKind.Operator,        // a constraint that is none of ours
        ['2', '8', ..] => StoreFailureKind.Operator,        // invalid authorization
        ['3', 'D', ..] => StoreFailureKind.Operator,        // no such database
        ['4', '2', ..] => StoreFailureKind.Operator,        // no table, no column, no permission
        "53100" => StoreFailureKind.Operator,               // disk full
        PostgresErrorCodes.ReadOnlySqlTransaction => StoreFailureKind.Operator,
        _ => StoreFailureKind.Transient,
    };
}
