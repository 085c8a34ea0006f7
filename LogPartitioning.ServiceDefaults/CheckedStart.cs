using System.Net.Sockets;
using System.Security.Cryptography;
using LogPartitioning.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Hosting;

/// <summary>
/// Starts a service only with settings that keep their rules. Whatever setting keeps it from starting is told in a line, never as a
/// stack trace, and by an exit code that says whether starting it again may help.
/// </summary>
public static partial class CheckedStart
{
    /// <summary>The exit code when a setting breaks a rule: the service will not start until somebody changes it.</summary>
    public const int InvalidSettingsExitCode = 2;

    /// <summary>The exit code when a background service failed, which stops the host.</summary>
    public const int FailedServiceExitCode = 5;

    /// <summary>The exit code when the address to listen on is taken, which may pass.</summary>
    public const int AddressInUseExitCode = 6;

    /// <summary>The exit code when the log store is one that the service cannot work with: it will not start until somebody changes the one or the other.</summary>
    public const int WrongStoreExitCode = 7;

    private const string NotStarted = "The service does not start.";

    /// <summary>Puts the service together and runs it until it is stopped, as <see cref="RunChecked"/>.</summary>
    /// <returns>The exit code of the process.</returns>
    public static int Run(Func<WebApplication> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        WebApplication app;
        try
        {
            app = build();
        }
        catch (Exception e) when (IsOfSettings(e))
        {
            // There is no log yet: how to log may be what is wrong.
            Console.Error.WriteLine($"{NotStarted} {e.Message}");
            return InvalidSettingsExitCode;
        }

        return app.RunChecked();
    }

    /// <summary>
    /// Runs the service until it is stopped. Settings that break a rule are named before anything starts, all of them, a line
    /// each: the host by itself builds the services first, and shows the first problem that this brings out as a stack trace.
    /// </summary>
    /// <returns>The exit code of the process.</returns>
    public static int RunChecked(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var problems = Problems(app.Services).Concat(AddressProblems(app.Configuration)).ToList();
        if (problems.Count == 0)
        {
            return RunUntilStopped(app);
        }

        foreach (var problem in problems)
        {
            LogInvalid(app.Logger, problem);
        }

        Flush(app);
        return InvalidSettingsExitCode;
    }

    private static int RunUntilStopped(WebApplication app)
    {
        // Read now: a start that fails disposes of the configuration.
        var addresses = app.Configuration[WebHostDefaults.ServerUrlsKey];
        var started = false;
        using var starting = app.Lifetime.ApplicationStarted.Register(() => started = true);
        try
        {
            var services = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
            app.Run();
            // The host stops as if it had been asked to: whoever watches the process must see the difference.
            return services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? FailedServiceExitCode : Environment.ExitCode;
        }
        catch (IOException e) when (!started && e.InnerException is AddressInUseException)
        {
            LogInvalid(app.Logger, e.Message);
            Flush(app);
            return AddressInUseExitCode;
        }
        catch (Exception e) when (!started && IsOfSettings(e))
        {
            // The system's words alone do not say what they are about.
            LogInvalid(app.Logger, e is SocketException ? $"It cannot listen on {addresses}: {e.Message}." : e.Message);
            Flush(app);
            return InvalidSettingsExitCode;
        }
    }

    /// <summary>The console is written to in the background; disposing waits for it.</summary>
    private static void Flush(WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<ILoggerFactory>().Dispose();
        }
        catch (ObjectDisposedException)
        {
            // The host has disposed of all its services, and written what there was.
        }
    }

    /// <summary>Whether an exception before the start is about what the service was given; any other is a fault of the program.</summary>
    private static bool IsOfSettings(Exception e) =>
        e is ArgumentException or FormatException or InvalidOperationException or OptionsValidationException or IOException
            or InvalidDataException or UnauthorizedAccessException or SocketException or CryptographicException or NotSupportedException;

    private static IEnumerable<string> Problems(IServiceProvider services)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        return [.. OptionsProblems(services), .. services.GetServices<StartCheck>().SelectMany(check => check.Problems(configuration))];
    }

    private static IEnumerable<string> OptionsProblems(IServiceProvider services)
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

    private static IEnumerable<string> AddressProblems(IConfiguration configuration) =>
        from address in (configuration[WebHostDefaults.ServerUrlsKey] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        where !IsAddress(address)
        select $"ASPNETCORE_URLS (or --urls) must be addresses such as http://0.0.0.0:8080, with a semicolon between two; it is \"{address}\".";

    private static bool IsAddress(string address)
    {
        try
        {
            return BindingAddress.Parse(address).Scheme is "http" or "https";
        }
        catch (FormatException)
        {
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Critical, NotStarted + " {Problem}")]
    private static partial void LogInvalid(ILogger logger, string problem);
}
