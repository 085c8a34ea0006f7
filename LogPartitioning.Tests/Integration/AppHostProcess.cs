using System.Diagnostics;
using System.Globalization;
using System.Text;
using LogPartitioning.AppHost.Settings;
using LogPartitioning.Tests.Documentation;

namespace LogPartitioning.Tests.Integration;

/// <summary>The AppHost as a process of its own, as a user starts it.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private AppHostProcess(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var ports = new LoopbackPorts(new PortSettings(null, 1, 1, 1, 1, 1, Random: true));
        _process = new Process
        {
            // A test run in the background hands an ignored SIGINT on; a terminal does not.
            StartInfo = new ProcessStartInfo("env", ["--default-signal=INT", program, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // The dashboard's addresses, which the launch profile sets otherwise.
                Environment =
                {
                    ["DOTNET_ENVIRONMENT"] = "Development",
                    ["ASPNETCORE_URLS"] = Loopback(ports.Any()),
                    ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = Loopback(ports.Any()),
                    ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = Loopback(ports.Any()),
                    ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
                },
            },
        };
        foreach (var (name, value) in environment)
        {
            _process.StartInfo.Environment[name] = value;
        }

        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts the program that the build made.</summary>
    public static AppHostProcess Start(params string[] arguments) => Start(NoVariables, arguments);

    /// <summary>Starts it with these variables beside those of this process.</summary>
    public static AppHostProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(Program, arguments, environment);

    /// <summary>Starts it through <c>dotnet run</c>, as it was built.</summary>
    public static AppHostProcess StartWithDotnetRun(params string[] arguments)
    {
        var configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd('/'))!.Name;
        return new("dotnet", ["run", "--project", RepositoryFiles.PathOf("LogPartitioning.AppHost"), "--no-build", "--no-launch-profile", "-c", configuration, "--", .. arguments], NoVariables);
    }

    // Where the build put it, in the configuration and framework of this test.
    private static string Program => Path.Combine(
        AppContext.BaseDirectory.Replace("LogPartitioning.Tests", "LogPartitioning.AppHost", StringComparison.Ordinal), "LogPartitioning.AppHost");

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> WaitForExitAsync(TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"The AppHost still runs after {timeout.TotalSeconds:0} s. It wrote:\n{Output}");
        }
    }

    /// <summary>Sends a signal to the AppHost alone.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>The AppHost and everything that it started.</summary>
    public IReadOnlySet<LinuxProcess> Family() => LinuxProcess.Application(_process.Id);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
