using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>Starts a service only with settings that keep their rules.</summary>
public static partial class CheckedStart
{
    /// <summary>The exit code when a setting breaks a rule.</summary>
    public const int InvalidSettingsExitCode = 2;

    /// <summary>The exit code when a background service failed, which stops the host.</summary>
    public const int FailedServiceExitCode = 5;

    /// <summary>
    /// Runs the service until it is stopped. Settings that break a rule are named before anything starts, all of them, a line
    /// each: the host by itself builds the services first, and shows the first problem that this brings out as a stack trace.
    /// </summary>
    /// <returns>The exit code of the process.</returns>
    public static int RunChecked(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var problems = Problems(app.Services).ToList();
        if (problems.Count == 0)
        {
            var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            app.Run();
            // The host stops as if it had been asked to: whoever watches the process must see the difference.
            return services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? FailedServiceExitCode : Environment.ExitCode;
        }

        foreach (var problem in problems)
        {
            LogInvalid(app.Logger, problem);
        }

        // The console is written to in the background; disposing waits for it.
        app.Services.GetRequiredService<ILoggerFactory>().Dispose();
        return InvalidSettingsExitCode;
    }

    private static IEnumerable<string> Problems(IServiceProvider services)
    {
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return invalid.Failures;
        }
        catch (AggregateException many)
        {
            return many.Flatten().InnerExceptions.SelectMany(e => e is OptionsValidationException invalid ? invalid.Failures : [e.Message]).Distinct();
        }
        catch (InvalidOperationException unreadable)
        {
            // A value that cannot even be read as its type.
            return [unreadable.Message];
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The service does not start. {Problem}")]
    private static partial void LogInvalid(ILogger logger, string problem);
}
