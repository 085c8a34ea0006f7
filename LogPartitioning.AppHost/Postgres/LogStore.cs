using LogPartitioning.AppHost.Machine;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Postgres;

/// <summary>PostgreSQL, where the events are stored.</summary>
internal static class LogStore
{
    /// <summary>Adds <c>postgres</c>, from where <see cref="AppHostSettings.Mode"/> says, and its database: the connection string <c>logs</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddLogStore(this IDistributedApplicationBuilder builder, AppHostSettings settings) => settings.Mode switch
    {
        InfrastructureMode.Containers => builder.AddPostgresContainer(settings),
        InfrastructureMode.Processes => builder.AddPostgresProcess(settings, settings.Servers!),
        _ => builder.AddConnectionString("logs"),
    };

    private static IResourceBuilder<PostgresDatabaseResource> AddPostgresContainer(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        // The volume keeps the password of the first run, so a later run must not generate another one.
        var password = builder.AddParameter(
            "postgres-password", PrivateFile.Password(Path.Combine(settings.DataPath, "containers", "postgres-password")), secret: true);
        return builder.AddPostgres("postgres", password: password, port: settings.Ports.OfContainer(settings.Ports.Postgres))
            .WithDataVolume(AppHostSettings.VolumePrefix + "postgres")
            .WithArgs("postgres", "-c", $"max_connections={settings.Store.Connections}")
            .AddDatabase("logs");
    }
}
