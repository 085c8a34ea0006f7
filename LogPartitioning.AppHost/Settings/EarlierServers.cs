using System.Globalization;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Servers of an earlier run that still end: the orchestrator stops them up to 30 s after its AppHost was killed.</summary>
/// <remarks>Linux only. A process is known by its program and by where it works, not by a number that was written down: that may be
/// another process's by now, or mean nothing in this container. One that may not be looked at is passed over; the servers' own locks remain.</remarks>
internal static class EarlierServers
{
    // A user's shell or editor may work in the folder too.
    private static readonly string[] Programs = ["java", "postgres", "prometheus", "redis-server"];
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>How long they may take to end.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    /// <summary>Waits until none works in a folder any more, and says so in a line when it has to wait.</summary>
    /// <param name="folder">The folder, by the path that the kernel knows: without links.</param>
    /// <param name="patience">How long to wait.</param>
    /// <returns>Those that still run then.</returns>
    public static IReadOnlyList<string> WaitUntilGone(string folder, TimeSpan patience)
    {
        var begin = TimeProvider.System.GetTimestamp();
        for (var told = false; In(folder) is { Count: > 0 } running; Thread.Sleep(Interval))
        {
            if (TimeProvider.System.GetElapsedTime(begin) >= patience)
            {
                return running;
            }

            if (!told)
            {
                Console.Error.WriteLine($"waiting for servers of an earlier run to end: {string.Join(", ", running)}");
                told = true;
            }
        }

        return [];
    }

    private static List<string> In(string folder) => !OperatingSystem.IsLinux() ? [] :
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(process => int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(process => (Id: Path.GetFileName(process), Name: ProgramIn(process, folder)))
            .Where(process => process.Name is not null)
            .Select(process => $"{process.Name} ({process.Id})"),
    ];

    private static string? ProgramIn(string process, string folder)
    {
        try
        {
            return new FileInfo($"{process}/cwd").LinkTarget?.StartsWith($"{folder}/", StringComparison.Ordinal) == true
                && File.ReadAllText($"{process}/comm").Trim() is var name && Programs.Contains(name) ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // it has ended meanwhile, or is another user's
        }
    }
}
