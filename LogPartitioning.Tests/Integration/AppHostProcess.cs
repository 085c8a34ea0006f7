using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LogPartitioning.Tests.Integration;

/// <summary>The AppHost as a process of its own, as a user starts it.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private AppHostProcess(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        // Where the build put it, in the configuration and framework of this test.
        var program = Path.Combine(
            AppContext.BaseDirectory.Replace("LogPartitioning.Tests", "LogPartitioning.AppHost", StringComparison.Ordinal), "LogPartitioning.AppHost");
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
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

    public static AppHostProcess Start(params string[] arguments) => new(arguments, new Dictionary<string, string>());

    /// <summary>Starts it with these variables beside those of this process.</summary>
    public static AppHostProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => new(arguments, environment);

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

    /// <summary>The AppHost and everything that descends from it.</summary>
    public IReadOnlySet<LinuxProcess> Family() => LinuxProcess.Family(_process.Id);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
