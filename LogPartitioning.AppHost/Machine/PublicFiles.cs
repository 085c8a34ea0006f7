namespace LogPartitioning.AppHost.Machine;

/// <summary>Files that everybody on this machine may read, whatever the mask of new files is: a container reads them as a user of its own.</summary>
internal static class PublicFiles
{
    private const int Readable = 0b_110_100_100;
    private const int Passable = 0b_111_101_101;

    /// <summary>Copies a folder with all in it.</summary>
    /// <returns><paramref name="copy"/>.</returns>
    public static string Copy(string folder, string copy)
    {
        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        Directory.CreateDirectory(copy);
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        foreach (var below in Directory.EnumerateDirectories(folder))
        {
            Copy(below, Path.Combine(copy, Path.GetFileName(below)));
        }

        Open(copy);
        return copy;
    }

    /// <summary>Lets everybody read a folder and the files directly in it, or a single file.</summary>
    public static void Open(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (!Directory.Exists(path))
        {
            File.SetUnixFileMode(path, (UnixFileMode)Readable);
            return;
        }

        File.SetUnixFileMode(path, (UnixFileMode)Passable);
        foreach (var file in Directory.EnumerateFiles(path))
        {
            File.SetUnixFileMode(file, (UnixFileMode)Readable);
        }
    }
}
