using System.ComponentModel;
using System.Runtime.InteropServices;

namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Signals to processes of this machine, where the system has them.</summary>
internal static partial class UnixProcess
{
    private const int SigTerm = 15;
    private const int NoSuchProcess = 3;

    /// <summary>Whether processes can be told to stop by a signal.</summary>
    public static bool IsSupported => !OperatingSystem.IsWindows();

    /// <summary>Asks a process to stop.</summary>
    /// <returns>False when there is no such process any more.</returns>
    public static bool Terminate(int processId)
    {
        // 0 and negative numbers would signal process groups.
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2);
        if (SendSignal(processId, SigTerm) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
