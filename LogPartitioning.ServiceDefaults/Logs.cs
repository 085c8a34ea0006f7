using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.ServiceDefaults;

/// <summary>The form of the services' own logs.</summary>
internal static class Logs
{
    /// <summary>One JSON object a line where a program reads them, plain text where a person does.</summary>
    public static void AddStructuredLogs(this IHostApplicationBuilder builder)
    {
        if (Console.IsOutputRedirected)
        {
            builder.Logging.AddJsonConsole(options =>
            {
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                options.IncludeScopes = true;
            });
        }
    }

    public static void TryAddTimeProvider(this IServiceCollection services) => services.TryAddSingleton(TimeProvider.System);
}
