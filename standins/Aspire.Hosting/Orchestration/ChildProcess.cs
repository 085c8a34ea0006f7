using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Orchestration;

/// <summary>A running process, asked politely to end before it is made to.</summary>
internal sealed partial class ChildProcess
{
    private const int Interrupt = 2;
    private const int Kill = 9;
    private const int Terminate = 15;

    // Output that is still in the pipe when the process is gone belongs to its log.
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly bool _leadsGroup;

    private ChildProcess(Process process, bool leadsGroup)
    {
        _process = process;
        _leadsGroup = leadsGroup;
        Id = process.Id;
        Exit = WaitAsync();
    }

    public int Id { get; }

    /// <summary>The exit code, once the process has ended.</summary>
    public Task<int> Exit { get; }

    public static ChildProcess Start(ProcessStartInfo start, Action<string, bool> output, bool leadsGroup)
    {
        Process process = new() { StartInfo = start, EnableRaisingEvents = true };
        process.OutputDataReceived += (_, line) => Pass(line.Data, false);
        process.ErrorDataReceived += (_, line) => Pass(line.Data, true);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(process, leadsGroup);

        void Pass(string? line, bool isError)
        {
            if (line is not null)
            {
                output(line, isError);
            }
        }
    }

    /// <summary>Asks the process to end; after <paramref name="grace"/> it is killed.</summary>
    /// <param name="grace">How long it may take.</param>
    /// <param name="insistAfter">
    /// When to ask again with SIGINT, or null. A server may answer SIGTERM by waiting for its clients, as PostgreSQL does,
    /// and SIGINT by not waiting.
    /// </param>
    /// <returns>Whether it ended before it was killed.</returns>
    public async Task<bool> StopAsync(TimeSpan grace, TimeSpan? insistAfter)
    {
        Signal(Id, Terminate);
        if (insistAfter is { } patience && patience < grace)
        {
            if (await EndsWithinAsync(patience))
            {
                return true;
            }

            Signal(Id, Interrupt);
            grace -= patience;
        }

        var ended = await EndsWithinAsync(grace);
        if (!ended)
        {
            Signal(Id, Kill);
            await Exit;
        }

        return ended;
    }

    private async Task<int> WaitAsync()
    {
        TaskCompletionSource exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => exited.TrySetResult();
        if (_process.HasExited)
        {
            exited.TrySetResult();
        }

        await exited.Task;

        // What it started itself does not outlive it.
        if (_leadsGroup)
        {
            Signal(-Id, Kill);
        }

        using CancellationTokenSource patience = new(OutputGrace);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Somebody else holds the pipe; what was read so far is the log.
        }

        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time) => await Task.WhenAny(Exit, Task.Delay(time)) == Exit;

    private void Signal(int target, int signal)
    {
        if (!Exit?.IsCompleted ?? true)
        {
            _ = SendSignal(target, signal);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
