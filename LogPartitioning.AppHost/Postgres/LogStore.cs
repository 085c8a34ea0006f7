using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Postgres;

/// <summary>PostgreSQL, where the events are stored.</summary>
internal static class LogStore
{
    // The command line wins over what somebody wrote into the server's own files.
    private static readonly string[] s_safe = ["postgres", "-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on"];

    /// <summary>Adds <c>postgres</c>, from where <see cref="AppHostSettings.Mode"/> says, and its database <c>logs</c>.</summary>
    public static LogStoreAccess AddLogStore(this IDistributedApplicationBuilder builder, AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => builder.AddPostgresContainer(settings),
        InfrastructureMode.Processes => builder.AddPostgresProcess(settings, settings.Servers!),
        _ => builder.AddExternalStore(),
    };

    /// <summary>The user's own: as whoever the connection string names, and with the owner's where that is given, too.</summary>
    private static LogStoreAccess AddExternalStore(this IDistributedApplicationBuilder builder)
    {
        var owner = builder.Configuration.GetConnectionString("logs_owner") is { Length: > 0 } given
            ? ReferenceExpression.Create($"{builder.AddParameter("logs-owner", given, secret: true).Resource}")
            : null;
        return new(builder.AddConnectionString("logs"), null, owner);
    }

    private static LogStoreAccess AddPostgresContainer(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        // The volume keeps the password of the first run, so a later run must not generate another one.
        var passwords = Path.Combine(settings.DataPath, "containers");
        var password = builder.AddParameter("postgres-password", PrivateFile.Password(Path.Combine(passwords, "postgres-password")), secret: true);
        var server = builder.AddPostgres("postgres", password: password, port: settings.Ports.OfContainer(settings.Ports.Postgres))
            .WithArgs([.. s_safe, "-c", $"max_connections={settings.Store.Connections}"])
            .WithDataVolume(AppHostSettings.VolumePrefix + "postgres");
        var database = server.AddDatabase("logs");
        var roles = builder.AddStoreRoles(passwords, prefix: "postgres-");
        database.OnResourceReady(async (logs, _, token) => await roles.MakeAsync((await logs.ConnectionStringExpression.GetValueAsync(token))!, token));
        return roles.Access(database, server.GetEndpoint("tcp"));
    }
}
