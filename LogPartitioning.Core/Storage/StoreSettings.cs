using System.Globalization;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// What the server, the database and the role say of themselves, against what the design needs. Three kinds of answers, since three things help:
/// another database, somebody's hand while the services wait, or a decision of the one who runs the server.
/// </summary>
/// <param name="Refusals">What no waiting puts right, so that the service does not start.</param>
/// <param name="Waits">What keeps it from writing now: a server in recovery or a read-only database becomes writable by itself or by a person.</param>
/// <param name="Warnings">
/// What costs safety and keeps nothing from working. A service cannot tell a server on which that was decided from one where it was forgotten.
/// </param>
/// <param name="Role">Who the services are.</param>
internal sealed record StoreSettings(IReadOnlyList<string> Refusals, IReadOnlyList<string> Waits, IReadOnlyList<string> Warnings, string Role)
{
    /// <summary>The oldest release that the statements are meant for.</summary>
    internal const int OldestRelease = 13;

    /// <summary>The rules of no language in particular, by which upper and lower case are alike whatever the server's locale.</summary>
    private const string Collation = "und-x-icu";

    public static async Task<StoreSettings> ReadAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('server_encoding'),
              current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
              current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
              current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
              current_user::text, coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1),
              EXISTS (SELECT FROM pg_collation WHERE collname = $1 AND collnamespace = 'pg_catalog'::regnamespace)
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Collation });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Judge(new(
            reader.GetInt32(0) / 10_000,
            reader.GetString(1),
            reader.GetString(2),
            reader.GetString(3),
            reader.GetString(4),
            reader.GetString(5),
            reader.GetBoolean(6),
            reader.GetBoolean(7),
            reader.GetInt32(8),
            reader.GetString(9),
            reader.GetInt32(10),
            reader.GetBoolean(11),
            new NpgsqlConnectionStringBuilder(database.ConnectionString).MaxPoolSize));
    }

    internal static StoreSettings Judge(Answers answers)
    {
        List<string> refusals = [];
        List<string> waits = [];
        List<string> warnings = [];
        if (answers.Release < OldestRelease)
        {
            refusals.Add(Text($"PostgreSQL is version {answers.Version}; {OldestRelease} or later is needed."));
        }

        if (answers.Encoding != "UTF8")
        {
            refusals.Add($"The encoding of the database is {answers.Encoding}; it must be UTF8, which is decided when a database is created.");
        }

        if (!answers.HasCollation)
        {
            refusals.Add(
                $"The server has no ICU collations ({Collation} is missing), by which texts are compared in any script. It was built without ICU (--with-icu, as the packages of PostgreSQL are), or the database lost them: pg_import_system_collations('pg_catalog') brings them back.");
        }

        if (answers.InRecovery)
        {
            waits.Add("The server is in recovery, so nothing can be written: it is a standby, or still starts. Name the primary in ConnectionStrings:logs, or promote it.");
        }
        else if (answers.ReadOnly)
        {
            waits.Add("The database is read only (default_transaction_read_only is on for the server, the database or the role), so nothing can be written.");
        }

        warnings.AddRange(
            from setting in new[] { ("fsync", answers.Fsync), ("full_page_writes", answers.FullPageWrites) }
            where setting.Item2 != "on"
            select $"{setting.Item1} is {setting.Item2} at the server: when its machine fails, stored events may be lost and the database be damaged.");
        if (answers.SynchronousCommit == "off")
        {
            warnings.Add(
                $"synchronous_commit is off for the role {answers.Role}: when the server fails, the last batches that it called stored are gone. They are read again only while the brokers have them.");
        }

        var most = answers.RoleLimit >= 0 ? Math.Min(answers.RoleLimit, answers.Connections) : answers.Connections;
        if (answers.PoolSize > most)
        {
            warnings.Add(Text(
                $"This service may open {answers.PoolSize} connections (Maximum Pool Size of ConnectionStrings:logs), and the server has {most} for the role {answers.Role}. Lower the one, or raise max_connections."));
        }

        return new(refusals, waits, warnings, answers.Role);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The answers, for the judgement alone.</summary>
    /// <param name="Release">The number before the dot of the version.</param>
    /// <param name="Version">The version.</param>
    /// <param name="Encoding">Of the database.</param>
    /// <param name="Fsync">The setting of this name.</param>
    /// <param name="FullPageWrites">The setting of this name.</param>
    /// <param name="SynchronousCommit">The setting of this name, as it is for the role.</param>
    /// <param name="ReadOnly">Whether a transaction may not write.</param>
    /// <param name="InRecovery">Whether the server follows another one, or still starts.</param>
    /// <param name="Connections">How many the server has for anybody.</param>
    /// <param name="Role">Who asked.</param>
    /// <param name="RoleLimit">How many connections the role may have; negative for any number.</param>
    /// <param name="HasCollation">Whether texts can be compared by the rules of ICU.</param>
    /// <param name="PoolSize">How many this service may open.</param>
    internal sealed record Answers(
        int Release,
        string Version,
        string Encoding,
        string Fsync,
        string FullPageWrites,
        string SynchronousCommit,
        bool ReadOnly,
        bool InRecovery,
        int Connections,
        string Role,
        int RoleLimit,
        bool HasCollation,
        int PoolSize);
}
