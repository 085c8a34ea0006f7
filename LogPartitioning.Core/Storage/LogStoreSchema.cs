using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>
/// The tables of the log store, and all that a service needs of it before it works with them: it is looked at, moved on to
/// this program's version where this program may do so, and waited for where another one must.
/// </summary>
/// <param name="database">The database, as the role that the service works as.</param>
/// <param name="owner">How the owner of the tables connects; null where the service's own role is it, or another service does this.</param>
/// <param name="migrations">All migrations that this program knows.</param>
/// <param name="time">The clock of the waits.</param>
/// <param name="logger">Where migrations, and what is in their way, are told.</param>
public sealed partial class LogStoreSchema(NpgsqlDataSource database, string? owner, IReadOnlyList<Migration> migrations, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(0.2);

    private volatile IReadOnlyList<string> _warnings = [];

    /// <summary>How long a store that is not ready is no trouble yet: services that start together wait for the one that makes the tables.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What costs safety at the server, as it was at the last look; a sentence each.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The version that this program needs and makes.</summary>
    public int Version => migrations[^1].Version;

    /// <summary>The condition under which a session, by its process id, is one that migrates: SQL.</summary>
    public static string IsMigrating(string pid) =>
        $"EXISTS (SELECT FROM pg_locks WHERE pid = {pid} AND locktype = 'advisory' AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = {SchemaUpgrade.TurnLock})";

    /// <summary>Looks at the store and does what is to be done.</summary>
    /// <exception cref="StoreRefusedException">This program cannot work with it.</exception>
    /// <exception cref="StoreNotReadyException">It cannot work with it yet.</exception>
    /// <exception cref="NpgsqlException">The database does not answer or refuses. The caller decides whether to try again.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        var told = false;
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
                return;
            }
            catch (StoreNotReadyException e) when (time.GetElapsedTime(began) < Patience)
            {
                if (!told)
                {
                    LogNotReady(e.Message);
                    told = true;
                }

                await Task.Delay(s_interval, time, cancellationToken);
            }
        }
    }

    /// <summary>The same, until the store is ready, waiting 0.5 to 5 s between attempts.</summary>
    /// <param name="waiting">Told of each attempt that failed, and of the wait that follows.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="StoreRefusedException">This program cannot work with it, however long it waits.</exception>
    public async Task EnsureWhenReadyAsync(Action<Exception, TimeSpan> waiting, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        var backoff = new Backoff(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(5));
        while (true)
        {
            try
            {
                await EnsureAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or StoreNotReadyException)
            {
                var wait = backoff.Next();
                waiting(e, wait);
                await Task.Delay(wait, time, cancellationToken);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var settings = await StoreSettings.ReadAsync(database, cancellationToken);
        Tell(settings.Warnings);
        await using var owners = owner is null ? null : OwnersDatabase(owner);
        var versions = await VersionsAsync(owners ?? database, cancellationToken);
        // The rights come with the tables where this program has their owner's connection.
        var lacking = owners is null ? await LackingAsync(settings.Role, cancellationToken) : [];
        List<string> refusals = [.. settings.Refusals, .. ProblemsOf(versions)];
        List<string> waits = [.. settings.Waits, .. lacking];
        if (refusals.Count > 0)
        {
            throw new StoreRefusedException([.. refusals, .. waits]);
        }

        if (waits.Count > 0)
        {
            throw new StoreNotReadyException(waits);
        }

        if (owners is not null)
        {
            await UpgradeAsync(owners, versions, cancellationToken);
            await GrantAsync(owners, settings.Role, cancellationToken);
        }
        else if (!IsCurrent(versions))
        {
            await UpgradeAsync(database, versions, cancellationToken);
            if (await LackingAsync(settings.Role, cancellationToken) is { Count: > 0 } still)
            {
                throw new StoreNotReadyException(still);
            }
        }
    }

    private static NpgsqlDataSource OwnersDatabase(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        StoreConnection.Configure(builder);
        // Used for a moment, at the start.
        builder.ConnectionStringBuilder.Pooling = false;
        return builder.Build();
    }

    private async Task<IReadOnlyList<SchemaVersion>> VersionsAsync(NpgsqlDataSource tables, CancellationToken cancellationToken)
    {
        await using var connection = await tables.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var watch = await LockWatch.StartAsync(tables, connection, transaction, time, TellOnce(), cancellationToken);
        return await SchemaVersions.ReadAsync(connection, transaction, cancellationToken);
    }

    private bool IsCurrent(IReadOnlyList<SchemaVersion> versions) =>
        migrations.All(migration => versions.Any(version => version.Version == migration.Version && version.AppliedAt is not null));

    /// <summary>Why this program cannot work with a schema of these versions, nor move it on.</summary>
    private List<string> ProblemsOf(IReadOnlyList<SchemaVersion> versions)
    {
        List<string> problems =
        [
            .. from version in versions
               join migration in migrations on version.Version equals migration.Version
               where version.Sha256 != migration.Sha256
               select $"Migration {version} of the log store had another text: {migration.File} was changed after it was applied. Put its text back (SHA-256 {version.Sha256}; here it is {migration.Sha256}), and write what is to change as a new migration.",
            .. from migration in migrations
               where !versions.Any(version => version.Version == migration.Version) && versions.Any(version => version.Version > migration.Version)
               select $"The log store is at version {versions[^1]} of its schema and lacks version {migration.Version} ({migration.Name}): migrations are applied in order, forward only. Restore a backup, or ask who changed {SchemaVersions.Table}.",
        ];
        var newer = versions.Where(version => version.Version > Version).ToList();
        if (newer.Count > 0 && newer.Max(version => version.CompatibleFrom) is var from)
        {
            if (from > Version)
            {
                problems.Add($"The log store is at version {newer[^1]} of its schema, which works with programs of version {from} and later; this one is of version {Version}. Start a newer program: a schema does not go back.");
            }
            else
            {
                LogNewer(newer[^1], from, Version);
            }
        }

        return problems;
    }

    private async Task UpgradeAsync(NpgsqlDataSource tables, IReadOnlyList<SchemaVersion> versions, CancellationToken cancellationToken)
    {
        if (IsCurrent(versions))
        {
            return;
        }

        if (!await StoreRights.MayChangeTablesAsync(tables, cancellationToken))
        {
            var found = versions.Count == 0 ? "has no schema yet" : $"is at version {versions[^1]} of its schema";
            throw new StoreNotReadyException(
            [
                $"The log store {found}, and this program needs version {Version}. The role {new NpgsqlConnectionStringBuilder(tables.ConnectionString).Username} may not make or change its tables: this waits for a service that has ConnectionStrings:logs_owner, or for a run of the consumer with --migrate as their owner.",
            ]);
        }

        await new SchemaUpgrade(tables, migrations, time, TellOnce(), (migration, took) => LogApplied(migration.Version, migration.Name, took.TotalMilliseconds)).RunAsync(cancellationToken);
    }

    private async Task<List<string>> LackingAsync(string role, CancellationToken cancellationToken) =>
        [.. (await StoreRights.MissingAsync(database, role, cancellationToken)).Select(grant => $"The role {role} lacks a right at the log store. As the owner of the tables: {grant};")];

    private async Task GrantAsync(NpgsqlDataSource tables, string role, CancellationToken cancellationToken)
    {
        if ((await StoreRights.MissingAsync(tables, role, cancellationToken)).Count == 0)
        {
            return;
        }

        await new SchemaUpgrade(tables, migrations, time, TellOnce(), (_, _) => { }).InTurnAsync(
            async (connection, transaction) =>
            {
                foreach (var statement in await StoreRights.MissingAsync(tables, role, cancellationToken))
                {
                    await using var grant = new NpgsqlCommand(statement, connection, transaction);
                    await grant.ExecuteNonQueryAsync(cancellationToken);
                    LogGranted(statement);
                }
            },
            cancellationToken);
    }

    private void Tell(IReadOnlyList<string> warnings)
    {
        foreach (var warning in warnings.Except(_warnings))
        {
            LogUnsafe(warning);
        }

        _warnings = warnings;
    }

    private Action<BlockingSession> TellOnce()
    {
        var told = new ConcurrentDictionary<int, bool>();
        return session =>
        {
            if (told.TryAdd(session.Pid, true))
            {
                LogBlocked(session);
            }
        };
    }

    [LoggerMessage(2401, LogLevel.Information, "Migration {Version} ({Name}) of the log store was applied in {Milliseconds:0} ms")]
    private partial void LogApplied(int version, string name, double milliseconds);

    [LoggerMessage(2406, LogLevel.Information, "The log store is not ready yet: {Problem}")]
    private partial void LogNotReady(string problem);

    [LoggerMessage(2402, LogLevel.Information, "At the log store: {Statement}")]
    private partial void LogGranted(string statement);

    [LoggerMessage(2403, LogLevel.Warning, "The start waits for a lock at the log store, held by {Session}")]
    private partial void LogBlocked(BlockingSession session);

    [LoggerMessage(2404, LogLevel.Warning, "The log store: {Problem}")]
    private partial void LogUnsafe(string problem);

    [LoggerMessage(2405, LogLevel.Information, "The log store is at version {Version} of its schema, which works with programs from version {From} on; this one is of version {Known}")]
    private partial void LogNewer(SchemaVersion version, int from, int known);
}
