namespace LogPartitioning.Tests;

/// <summary>A folder of a test's own, deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("log-partitioning-").FullName;

    public string Path { get; }

    public string At(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Writes an empty file, with the folders above it.</summary>
    public string AddFile(params string[] parts)
    {
        var file = At(parts);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
