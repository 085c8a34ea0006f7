using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Application;

/// <summary>The AppHost as a process of its own, as a user starts it.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private readonly ChildProgram _program;

    private AppHostProcess(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var ports = new LoopbackPorts(random: true);
        // The dashboard's addresses, which the launch profile sets otherwise.
        var variables = new Dictionary<string, string>
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = $"http://localhost:{ports.Any()}",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{ports.Any()}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{ports.Any()}",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            // Tests count what they sent.
            ["Audit__CanaryInterval"] = "00:00:00",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        // A test run in the background hands an ignored SIGINT on; a terminal does not.
        _program = ChildProgram.Start("env", ["--default-signal=INT", program, .. arguments], variables);
    }

    /// <summary>What it has written so far.</summary>
    public string Output => _program.Output;

    /// <summary>Starts the program that the build made.</summary>
    public static AppHostProcess Start(params string[] arguments) => new(Program, arguments, null);

    /// <summary>Starts it with these variables beside those of this process.</summary>
    public static AppHostProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(Program, arguments, environment);

    /// <summary>Starts it through <c>dotnet run</c>, as it was built.</summary>
    public static AppHostProcess StartWithDotnetRun(params string[] arguments)
    {
        var configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name;
        return new("dotnet", ["run", "--project", RepositoryFiles.PathOf("LogPartitioning.AppHost"), "--no-build", "--no-launch-profile", "-c", configuration, "--", .. arguments], null);
    }

    // Where the build put it, in the configuration and framework of this test.
    private static string Program => Path.Combine(
        AppContext.BaseDirectory.Replace("LogPartitioning.Tests", "LogPartitioning.AppHost", StringComparison.Ordinal), "LogPartitioning.AppHost");

    /// <inheritdoc cref="ChildProgram.WaitForExitAsync"/>
    public Task<int> WaitForExitAsync(TimeSpan timeout) => _program.WaitForExitAsync(timeout);

    /// <inheritdoc cref="ChildProgram.SignalAsync"/>
    public Task SignalAsync(string signal) => _program.SignalAsync(signal);

    /// <summary>The AppHost and everything that it started.</summary>
    public IReadOnlySet<LinuxProcess> Family() => LinuxProcess.Application(_program.Id);

    public void Dispose() => _program.Dispose();
}
