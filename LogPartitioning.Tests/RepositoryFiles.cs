namespace LogPartitioning.Tests;

/// <summary>The source tree that the tests were built from.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder that holds the solution file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The full path of a file or folder, given relative to <see cref="Root"/>.</summary>
    public static string PathOf(string relativePath) => Path.Combine(Root, relativePath);

    public static string Read(string relativePath) => File.ReadAllText(PathOf(relativePath));

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LogPartitioning.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No LogPartitioning.sln in {AppContext.BaseDirectory} or above it: the tests read the source tree.");
    }
}
