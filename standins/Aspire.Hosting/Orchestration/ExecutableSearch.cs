namespace Aspire.Hosting.Orchestration;

/// <summary>Finds programs as a shell does.</summary>
internal static class ExecutableSearch
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The full path of a program on the PATH, or null.</summary>
    public static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(IsExecutable);

    /// <summary>The full path of a command.</summary>
    /// <exception cref="DistributedApplicationException">There is no such program.</exception>
    public static string Resolve(string command, string workingDirectory)
    {
        if (!command.Contains(Path.DirectorySeparatorChar))
        {
            return OnPath(command) ?? throw new DistributedApplicationException($"The program '{command}' was not found on the PATH.");
        }

        var path = Path.GetFullPath(command, workingDirectory);
        return IsExecutable(path) ? path : throw new DistributedApplicationException($"'{path}' is not a program that can be run.");
    }

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & AnyExecute) != 0);
}
