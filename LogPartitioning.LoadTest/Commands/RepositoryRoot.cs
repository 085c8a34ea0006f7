namespace LogPartitioning.LoadTest.Commands;

/// <summary>Where a run's own files lie: in the checkout that this program was built in, whatever the current folder.</summary>
internal static class RepositoryRoot
{
    private const string Mark = "LogPartitioning.sln";

    /// <summary>The default folder of the ledgers.</summary>
    public static string Ledgers => Path.Combine(Find(), ".data", "ledger");

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, Mark)))
            {
                return folder.FullName;
            }
        }

        // A copy away from its checkout keeps its ledgers where it is used.
        return Environment.CurrentDirectory;
    }
}
