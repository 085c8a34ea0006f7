using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.ServiceDefaults;

/// <summary>The form of the services' own logs.</summary>
internal static class Logs
{
    /// <summary>
    /// How much the libraries say unless configuration asks for more: their information is about themselves. Configuration wins,
    /// because this stands below every other source.
    /// </summary>
    private static readonly Dictionary<string, string?> s_levels = new()
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.Extensions"] = "Warning",
        // Of a start that failed it shows the exception; CheckedStart says in a line what to change.
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",
        // It logs every failed probe, and a service that is still starting as an error.
        ["Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks"] = "Critical",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:Polly"] = "Warning",
        // Every attempt to connect is an error to it, and an error here means that an operator must act.
        ["Logging:LogLevel:StackExchange.Redis"] = "Critical",
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Error",
    };

    /// <summary>One JSON object a line where a program reads them, plain text where a person does.</summary>
    public static void AddStructuredLogs(this IHostApplicationBuilder builder)
    {
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = s_levels });
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
}
