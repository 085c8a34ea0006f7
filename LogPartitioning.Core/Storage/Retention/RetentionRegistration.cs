using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.Core.Storage.Retention;

/// <summary>Adds what drops old events to a service that has the data source and <see cref="StoreOptions"/>.</summary>
public static class RetentionRegistration
{
    /// <summary>Adds it.</summary>
    public static IServiceCollection AddLogRetention(this IServiceCollection services) => services
        .AddSingleton<RetentionPlanner>()
        .AddSingleton<RetentionRuns>()
        .AddSingleton<RetentionMetrics>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<LogRetention>(provider, provider.GetRequiredService<ILogger<LogRetention>>()));
}
