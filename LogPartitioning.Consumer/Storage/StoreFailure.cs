using System.Text;
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
    private const string PlaceConstraint = "log_events_pkey";

    /// <summary>What is wrong, in words for an operator.</summary>
    public static string Describe(Exception failure)
    {
        return failure is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PlaceConstraint }
            ? "another event is stored at the partition and offset of this one: the rows of log_events are of another topic, or of one that was deleted and created again"
            : failure.Message;
    }

    /// <summary>
    /// Classifies by SQLSTATE class. What is not known to be about the data counts as transient: a batch too many times
    /// is slow, a record set aside by mistake is out of order.
    /// </summary>
    public static StoreFailureKind Classify(Exception failure)
    {
        return failure switch
        {
            // Not the event is wrong, but the log that it comes from: set aside, every further one would follow it.
            PostgresException { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: PlaceConstraint } => StoreFailureKind.Operator,
            PostgresException postgres => OfSqlState(postgres.SqlState),
            // The client's own refusal to encode a value, raised before anything reaches the database.
            EncoderFallbackException or InvalidCastException or OverflowException or FormatException or ArgumentException
                => StoreFailureKind.Data,
            NpgsqlException { InnerException: EncoderFallbackException } => StoreFailureKind.Data,
            _ => StoreFailureKind.Transient,
        };
    }

    private static StoreFailureKind OfSqlState(string sqlState) => sqlState switch
    {
        ['2', '2', ..] => StoreFailureKind.Data,            // data exception
        ['2', '3', ..] => StoreFailureKind.Data,            // integrity constraint violation
        "54000" => StoreFailureKind.Data,                   // a limit of the program: an index row too large, say
        ['2', '8', ..] => StoreFailureKind.Operator,        // invalid authorization
        ['3', 'D', ..] => StoreFailureKind.Operator,        // no such database
        ['4', '2', ..] => StoreFailureKind.Operator,        // no table, no permission
        "53100" => StoreFailureKind.Operator,               // disk full
        _ => StoreFailureKind.Transient,
    };
}
