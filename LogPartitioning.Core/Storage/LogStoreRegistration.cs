using LogPartitioning.Core.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Core.Storage;

/// <summary>Adds <see cref="LogStoreSchema"/> to a service.</summary>
public static class LogStoreRegistration
{
    /// <summary>Adds it for the service's database, with the connection of the tables' owner where the service was given one.</summary>
    public static IServiceCollection AddLogStoreSchema(this IServiceCollection services) => services.AddSingleton(provider => new LogStoreSchema(
        provider.GetRequiredService<NpgsqlDataSource>(),
        ConnectionStrings.LogsOwner(provider.GetRequiredService<IConfiguration>()),
        Migration.All,
        provider.GetRequiredService<TimeProvider>(),
        provider.GetRequiredService<ILogger<LogStoreSchema>>()));
}
