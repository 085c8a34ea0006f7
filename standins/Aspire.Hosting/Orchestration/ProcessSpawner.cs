using System.Collections.Concurrent;
using System.Diagnostics;

namespace Aspire.Hosting.Orchestration;

/// <summary>Starts every process from one thread that lives as long as the AppHost.</summary>
/// <remarks>
/// Linux sends a parent-death signal when the thread that forked ends, not the process: a child started from a pool
/// thread would be killed when the pool shrinks.
/// </remarks>
internal sealed class ProcessSpawner
{
    // As long as this process, like the children; no disposal ends it before the last of them is gone.
    private static readonly BlockingCollection<Action> Work = [];
    private static readonly Lazy<Thread> Forker = new(() =>
    {
        Thread thread = new(() =>
        {
            foreach (var start in Work.GetConsumingEnumerable())
            {
                start();
            }
        })
        {
            IsBackground = true,
            Name = "process spawner",
        };
        thread.Start();
        return thread;
    });

    private readonly string? _setpriv = ExecutableSearch.OnPath("setpriv");
    private readonly string? _setsid = ExecutableSearch.OnPath("setsid");

    /// <summary>Starts a process that dies with the AppHost, in a session of its own so that Ctrl+C reaches the AppHost alone.</summary>
    public Task<ChildProcess> StartAsync(
        string fileName,
        IEnumerable<string> arguments,
        string workingDirectory,
        IEnumerable<KeyValuePair<string, string>> environment,
        Action<string, bool> output)
    {
        List<string> command = [];
        if (_setpriv is not null)
        {
            command.AddRange([_setpriv, "--pdeathsig", "KILL", "--"]);
        }

        if (_setsid is not null)
        {
            command.Add(_setsid);
        }

        command.AddRange([fileName, .. arguments]);
        ProcessStartInfo start = new(command[0], command.Skip(1))
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _ = Forker.Value;
        TaskCompletionSource<ChildProcess> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(() =>
        {
            try
            {
                started.SetResult(ChildProcess.Start(start, output, leadsGroup: _setsid is not null));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }
}
