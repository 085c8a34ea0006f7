using LogPartitioning.AppHost.Machine;
using Npgsql;

namespace LogPartitioning.AppHost.Postgres;

/// <summary>
/// The two roles of the store: <c>logs_owner</c>, to whom database and tables belong, and <c>logs_app</c>, as which the services work. The
/// superuser is used for nothing but making them.
/// </summary>
/// <param name="ownerPassword">The password of <c>logs_owner</c>, as a parameter.</param>
/// <param name="appPassword">That of <c>logs_app</c>.</param>
/// <param name="passwords">Both as they are.</param>
internal sealed class StoreRoles(ParameterResource ownerPassword, ParameterResource appPassword, (string Owner, string App) passwords)
{
    private const string Owner = "logs_owner";
    private const string App = "logs_app";

    // Safe to run again. The tables of an earlier version belong to the superuser until this gives them away. What the services may do with
    // which table, its owner grants when it has made it.
    private const string Script = """
        DO $$
        DECLARE
          earlier regclass;
        BEGIN
          IF to_regrole('logs_owner') IS NULL THEN
            CREATE ROLE logs_owner;
          END IF;
          IF to_regrole('logs_app') IS NULL THEN
            CREATE ROLE logs_app;
          END IF;
          EXECUTE format('ALTER ROLE logs_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L', current_setting('store.owner_password'));
          EXECUTE format('ALTER ROLE logs_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L', current_setting('store.app_password'));
          EXECUTE format('ALTER DATABASE %I OWNER TO logs_owner', current_database());
          EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
          EXECUTE format('GRANT CONNECT ON DATABASE %I TO logs_app', current_database());
          -- Earlier versions gave it, and nothing needs it.
          EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM logs_app', current_database());
          ALTER SCHEMA public OWNER TO logs_owner;
          REVOKE ALL ON SCHEMA public FROM PUBLIC;
          GRANT USAGE ON SCHEMA public TO logs_app;
          FOR earlier IN
            SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relowner = current_user::regrole
          LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO logs_owner', earlier);
          END LOOP;
        END
        $$;
        """;

    /// <summary>Makes them, in the database that the superuser's connection string names.</summary>
    public async Task MakeAsync(string superuser, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(superuser) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Not as a part of a statement, which the server might write into its log.
        await using var secrets = new NpgsqlCommand("SELECT set_config('store.owner_password', $1, true), set_config('store.app_password', $2, true)", connection, transaction);
        secrets.Parameters.Add(new NpgsqlParameter<string> { TypedValue = passwords.Owner });
        secrets.Parameters.Add(new NpgsqlParameter<string> { TypedValue = passwords.App });
        await secrets.ExecuteNonQueryAsync(cancellationToken);
        await using var make = new NpgsqlCommand(Script, connection, transaction);
        await make.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>How each of them connects.</summary>
    public LogStoreAccess Access(IResourceBuilder<IResourceWithConnectionString> database, EndpointReference server)
    {
        var (host, port) = (server.Property(EndpointProperty.IPV4Host), server.Property(EndpointProperty.Port));
        return new(
            database,
            ReferenceExpression.Create($"Host={host};Port={port};Username={App};Password={appPassword};Database=logs"),
            ReferenceExpression.Create($"Host={host};Port={port};Username={Owner};Password={ownerPassword};Database=logs"));
    }
}

/// <summary>Adds <see cref="StoreRoles"/>.</summary>
internal static class StoreRolesExtensions
{
    /// <summary>Takes their passwords from a folder, and writes new ones where it has none.</summary>
    public static StoreRoles AddStoreRoles(this IDistributedApplicationBuilder builder, string folder, string prefix = "")
    {
        var owner = PrivateFile.Password(Path.Combine(folder, $"{prefix}owner-password"));
        var app = PrivateFile.Password(Path.Combine(folder, $"{prefix}app-password"));
        return new(
            builder.AddParameter("logs-owner-password", owner, secret: true).Resource,
            builder.AddParameter("logs-app-password", app, secret: true).Resource,
            (owner, app));
    }
}
