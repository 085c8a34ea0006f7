using System.Globalization;

namespace LogPartitioning.Tests.Processes;

/// <summary>A process, told from a later one with the same id by the time of its start.</summary>
/// <param name="Id">The process id.</param>
/// <param name="Started">When it started, in clock ticks since boot.</param>
/// <param name="Name">The program's name, for messages.</param>
internal sealed record LinuxProcess(int Id, long Started, string Name)
{
    /// <summary>Whether it is still there; one that has ended and was not waited for yet is not.</summary>
    public bool IsAlive => Read(Id) is { } now && now.Process.Started == Started && now.State is not 'Z';

    /// <summary>An AppHost, or the <c>dotnet run</c> that started it, and everything below: the orchestrator detaches itself, and names the process that it watches.</summary>
    public static IReadOnlySet<LinuxProcess> Application(int appHost)
    {
        var family = new HashSet<LinuxProcess>(Family(appHost));
        var roots = family.Select(process => process.Id).ToHashSet();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Watches(id, roots))
            {
                family.UnionWith(Family(id));
            }
        }

        return family;
    }

    /// <summary>The process that started another one, or that has taken it over since.</summary>
    public static int ParentOf(int id) => Read(id)?.Parent ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Process {id} has ended."));

    private static bool Watches(int id, HashSet<int> roots)
    {
        try
        {
            var arguments = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline")).Split('\0');
            var monitor = Array.IndexOf(arguments, "--monitor");
            return monitor >= 0 && monitor + 1 < arguments.Length && int.TryParse(arguments[monitor + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var watched) && roots.Contains(watched);
        }
        catch (IOException)
        {
            return false; // it has ended meanwhile
        }
    }

    /// <summary>A process and everything that descends from it.</summary>
    public static IReadOnlySet<LinuxProcess> Family(int root)
    {
        var all = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? Read(id) : null)
            .OfType<Entry>()
            .ToList();
        var family = new HashSet<LinuxProcess>(all.Where(entry => entry.Process.Id == root).Select(entry => entry.Process));
        int before;
        do
        {
            before = family.Count;
            var ids = family.Select(process => process.Id).ToHashSet();
            family.UnionWith(all.Where(entry => ids.Contains(entry.Parent)).Select(entry => entry.Process));
        }
        while (family.Count > before);
        return family;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} ({Id})");

    // proc(5): pid (name) state ppid … starttime is the 22nd field. The name may hold spaces and parentheses.
    private static Entry? Read(int id)
    {
        try
        {
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var nameEnd = stat.LastIndexOf(')');
            var fields = stat[(nameEnd + 2)..].Split(' ');
            var process = new LinuxProcess(id, long.Parse(fields[19], CultureInfo.InvariantCulture), stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..nameEnd]);
            return new Entry(process, int.Parse(fields[1], CultureInfo.InvariantCulture), fields[0][0]);
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }

    private sealed record Entry(LinuxProcess Process, int Parent, char State);
}
