using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Clients.Syslog;

/// <summary>Programs that send syslog, where they are installed.</summary>
internal static class SyslogProgram
{
    // Daemons lie beside the path of those who are not root.
    private static readonly string[] s_foldersOfDaemons = ["/usr/sbin", "/sbin"];

    /// <summary>Skips the test where a program is missing, and names it.</summary>
    public static string Require(string program)
    {
        var found = InstalledPrograms.Find(program) ?? s_foldersOfDaemons.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Skip.If(found is null, $"{program} is not installed.");
        return found!;
    }
}
