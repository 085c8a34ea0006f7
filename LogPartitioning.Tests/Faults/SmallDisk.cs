using System.Globalization;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Faults;

/// <summary>A small file system in memory, mounted on a folder. Only root may mount.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const int Chunk = 64 * 1024;
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Ballast => Path.Combine(_folder, "ballast");

    public static async Task<SmallDisk> MountAsync(string folder, int megabytes)
    {
        Directory.CreateDirectory(folder);
        await ChildProgram.RunAsync("mount", ["-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=755"), "tmpfs", folder]);
        return new SmallDisk(folder);
    }

    /// <summary>Fills it to the last byte.</summary>
    /// <returns>How many bytes that took.</returns>
    public async Task<long> FillAsync()
    {
        await using var file = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var chunk = new byte[Chunk]; chunk.Length > 0;)
        {
            try
            {
                await file.WriteAsync(chunk);
            }
            catch (IOException)
            {
                // No room for so much; perhaps for less.
                chunk = new byte[chunk.Length / 2];
            }
        }

        return file.Length;
    }

    /// <summary>Frees what <see cref="FillAsync"/> took.</summary>
    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync() => await ChildProgram.RunAsync("umount", ["--lazy", _folder]);
}
