using LogPartitioning.AppHost.Processes;
using LogPartitioning.AppHost.Settings;

namespace LogPartitioning.AppHost.Containers;

/// <summary>PostgreSQL as a container.</summary>
internal static class PostgresContainer
{
    /// <summary>Adds <c>postgres</c> with its data in a volume, and the database <c>logs</c>.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddPostgresContainer(this IDistributedApplicationBuilder builder, AppHostSettings settings)
    {
        // The volume remembers the password of the first run, so it must not be made up anew for each.
        var password = builder.AddParameter(
            "postgres-password", GeneratedPassword.In(Path.Combine(settings.DataPath, "containers", "postgres-password")), secret: true);
        return builder.AddPostgres("postgres", password: password, port: settings.Ports.Random ? null : settings.Ports.Postgres)
            .WithDataVolume(ContainerVolumes.Prefix + "postgres")
            .AddDatabase("logs");
    }
}
