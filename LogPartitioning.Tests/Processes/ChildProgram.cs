using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LogPartitioning.Tests.Processes;

/// <summary>A program that a test starts, and what it writes.</summary>
internal sealed class ChildProgram : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private ChildProgram(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, string? folder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>What it has written so far, output and errors.</summary>
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

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="program">Its name on the <c>PATH</c>, or its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables beside those of this process.</param>
    /// <param name="folder">Where it runs; null: where this process does.</param>
    public static ChildProgram Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null) =>
        new(program, arguments, environment, folder);

    /// <summary>Runs a program to its end, which it must reach within 3 min with exit code 0.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="CommandFailedException">It did not; the message says what it wrote.</exception>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        using var command = Start(program, arguments, environment, folder);
        try
        {
            var code = await command.WaitForExitAsync(Timeout);
            return code == 0 ? command.Output : throw new CommandFailedException($"{program} {string.Join(' ', arguments)}: exit code {code}: {command.Output}");
        }
        catch (TimeoutException e)
        {
            await command.KillAsync();
            throw new CommandFailedException($"{program} {string.Join(' ', arguments)}: {e.Message}");
        }
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="TimeoutException">It still runs; the message says what it wrote.</exception>
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
            throw new TimeoutException($"{_process.StartInfo.FileName} still runs after {timeout.TotalSeconds:0} s. It wrote:\n{Output}");
        }
    }

    /// <summary>Sends a signal to it alone.</summary>
    public Task SignalAsync(string signal) => RunAsync("/bin/kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Tells it to end, and kills it when it has not by the deadline.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            await SignalAsync("TERM");
            try
            {
                await WaitForExitAsync(patience);
            }
            catch (TimeoutException)
            {
                await KillAsync();
            }
        }

        Dispose();
    }

    /// <summary>Kills it and all that it has started.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Kills it when it still runs.</summary>
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
        if (line is null)
        {
            return; // the end
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}

/// <summary>A program failed.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
