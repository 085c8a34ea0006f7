using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LogPartitioning.Tests.Containers;

/// <summary>A program that runs until it is done or stopped.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    private Command(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
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

    public bool HasExited => _process.HasExited;

    public static Command Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        new(program, arguments, environment);

    /// <summary>Runs a program to its end, which it must reach within 3 min with exit code 0.</summary>
    /// <returns>What it wrote.</returns>
    /// <exception cref="CommandFailedException">It did not; the message says what it wrote.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var command = Start(program, arguments, environment);
        using var deadline = new CancellationTokenSource(Timeout);
        try
        {
            await command._process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            command._process.Kill(entireProcessTree: true);
            throw new CommandFailedException($"{program} {string.Join(' ', arguments)} did not end within {Timeout.TotalMinutes:0} min: {command.Output}");
        }

        return command._process.ExitCode == 0
            ? command.Output
            : throw new CommandFailedException(string.Create(
                CultureInfo.InvariantCulture, $"{program} {string.Join(' ', arguments)}: exit code {command._process.ExitCode}: {command.Output}"));
    }

    /// <summary>Tells it to end, and kills it when it has not by the deadline.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            await RunAsync("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var deadline = new CancellationTokenSource(patience);
            try
            {
                await _process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException) when (deadline.IsCancellationRequested)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        Dispose();
    }

    public void Dispose() => _process.Dispose();

    private void Add(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}

/// <summary>A program failed.</summary>
internal sealed class CommandFailedException(string message) : Exception(message);
