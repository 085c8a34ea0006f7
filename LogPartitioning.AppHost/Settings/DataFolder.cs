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
}
