namespace LogPartitioning.AppHost.Settings;

/// <summary>The folder with the data of this machine's servers, which one AppHost at a time may use.</summary>
internal static class DataFolder
{
    // Held until the process ends, however it ends. A test's process runs several applications, each on its own folder.
    private static readonly List<FileStream> Held = [];

    /// <summary>Takes the folder for this process, or tells <paramref name="reader"/> that another one has it.</summary>
    public static void Take(string folder, SettingsReader reader)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var held = new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            lock (Held)
            {
                Held.Add(held);
            }

            if (EarlierServers.WaitUntilGone(RealFolderOf(held, folder), EarlierServers.Patience) is { Count: > 0 } servers)
            {
                reader.Problem($"{folder} is still used by servers of an earlier run: {string.Join(", ", servers)}. Stop them, or set Infrastructure:DataPath to another folder.");
            }
        }
        catch (UnauthorizedAccessException)
        {
            reader.Problem($"{folder} cannot be written: it belongs to another user. Run as that user, or set Infrastructure:DataPath to another folder.");
        }
        catch (IOException e)
        {
            reader.Problem($"{folder} cannot be used ({e.Message.TrimEnd('.')}). If another LogPartitioning runs on it, stop that one, or set Infrastructure:DataPath to another folder.");
        }
    }

    // Whatever links led to it.
    private static string RealFolderOf(FileStream file, string otherwise) => OperatingSystem.IsLinux()
        ? Path.GetDirectoryName(new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget) ?? otherwise
        : otherwise;
}
