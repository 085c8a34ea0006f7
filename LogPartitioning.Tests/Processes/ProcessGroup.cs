using System.Globalization;

namespace LogPartitioning.Tests.Processes;

/// <summary>
/// Processes that the kernel tells from all others by their control group (cgroup v2), so that a rule of its packet filter can be for them alone.
/// A socket belongs to the group in which it was opened: a process has to be started in it.
/// </summary>
internal sealed class ProcessGroup : IDisposable
{
    private const string Processes = "cgroup.procs";
    private readonly string _folder;

    public ProcessGroup()
    {
        Name = $"log-partitioning-{Guid.NewGuid().ToString("N")[..8]}";
        _folder = Path.Combine(Root!, Name);
        Directory.CreateDirectory(_folder);
    }

    /// <summary>Where the groups are; null where the kernel has none.</summary>
    public static string? Root { get; } = File.ReadLines("/proc/mounts").Select(line => line.Split(' ')).FirstOrDefault(mount => mount[2] == "cgroup2")?[1];

    /// <summary>The group's path below <see cref="Root"/>.</summary>
    public string Name { get; }

    /// <summary>What <paramref name="start"/> makes <paramref name="parent"/> start is in the group; the parent itself is not for longer than that takes.</summary>
    public async Task StartedByAsync(int parent, Func<Task> start)
    {
        var before = File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/cgroup")).First(line => line.StartsWith("0::/", StringComparison.Ordinal))[4..];
        Move(parent, _folder);
        try
        {
            await start();
        }
        finally
        {
            Move(parent, Path.Combine(Root!, before));
        }
    }

    /// <summary>Whether a process is in the group.</summary>
    public bool Has(int process) =>
        File.ReadLines(Path.Combine(_folder, Processes)).Contains(process.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        foreach (var process in File.ReadAllLines(Path.Combine(_folder, Processes)))
        {
            Move(int.Parse(process, CultureInfo.InvariantCulture), Root!);
        }

        Directory.Delete(_folder);
    }

    private static void Move(int process, string folder) =>
        File.WriteAllText(Path.Combine(folder, Processes), process.ToString(CultureInfo.InvariantCulture));
}
