namespace LogPartitioning.Tests.Processes;

/// <summary>The programs of this machine.</summary>
internal static class InstalledPrograms
{
    /// <summary>The folders of the <c>PATH</c>.</summary>
    public static IEnumerable<string> Folders { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Where a program of the <c>PATH</c> is, or null.</summary>
    public static string? Find(string program) => Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
