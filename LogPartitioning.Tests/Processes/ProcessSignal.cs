using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LogPartitioning.Tests.Processes;

/// <summary>Signals to a process, by its id.</summary>
internal static partial class ProcessSignal
{
    private const int SigKill = 9;
    private const int SigQuit = 3;
    private const int SigTerm = 15;
    private const int SigCont = 18;
    private const int SigStop = 19;

    /// <summary>Ends it at once; it learns nothing of it.</summary>
    public static void Kill(int processId) => Send(processId, SigKill);

    /// <summary>Asks it to end.</summary>
    public static void Terminate(int processId) => Send(processId, SigTerm);

    /// <summary>For PostgreSQL an immediate shutdown: no checkpoint, recovery at the next start.</summary>
    public static void Quit(int processId) => Send(processId, SigQuit);

    /// <summary>Freezes it.</summary>
    public static void Stop(int processId) => Send(processId, SigStop);

    /// <summary>Lets it go on.</summary>
    public static void Continue(int processId) => Send(processId, SigCont);

    private static void Send(int processId, int signal)
    {
        if (kill(processId, signal) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Signal {signal} to process {processId}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    // kill(2).
    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int processId, int signal);
}
