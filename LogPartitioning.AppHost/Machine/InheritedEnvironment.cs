using System.Runtime.InteropServices;

namespace LogPartitioning.AppHost.Machine;

/// <summary>
/// What this process was started with and hands on to everything that it starts: variables that drivers, servers and runtimes read by
/// themselves, and the mask of new files. docs/operations.md has the table.
/// </summary>
internal static partial class InheritedEnvironment
{
    private const string Home = "HOME";

    // What is reached on this machine is reached directly: dashboard, orchestrator, services, health checks.
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];
    private static readonly string[] NoProxyNames = ["no_proxy", "NO_PROXY"];

    // Without locks two applications could use one data folder. Ports of which every program here is told its own.
    private static readonly string[] NeverMeant =
    [
        "DOTNET_SYSTEM_IO_DISABLEFILELOCKING",
        "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_HTTP_PORTS", "DOTNET_HTTPS_PORTS", "HTTP_PORTS", "HTTPS_PORTS",
    ];

    // One debugger's port, agent or heap for three brokers.
    private static readonly string[] JavaNames = ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"];

    /// <summary>Makes the environment one that everything works in, or says what is missing and returns false. To be called before anything reads it.</summary>
    public static bool TryPrepare()
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        // The orchestrator does not start without one; .NET knows it from the system too.
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Home)) && Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home)
        {
            Environment.SetEnvironmentVariable(Home, home);
        }

        var direct = string.Join(',', NoProxyNames.Select(Environment.GetEnvironmentVariable).Where(list => !string.IsNullOrWhiteSpace(list)).Distinct().Concat(Loopback));
        foreach (var name in NoProxyNames)
        {
            Environment.SetEnvironmentVariable(name, direct);
        }

        Drop(NeverMeant);
        // Nobody else may write the servers' files and folders, however open the mask was.
        _ = SetMask(SetMask(GroupAndOthersWrite) | GroupAndOthersWrite);

        // Aspire would make them, or fail with a stack trace.
        var problems = Problems().ToList();
        problems.ForEach(Console.Error.WriteLine);
        return problems.Count == 0;
    }

    /// <summary>Takes away what speaks of other servers: those that the application starts itself are described by their connection strings alone.</summary>
    public static void HideFromOwnServers() =>
        Drop([.. Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(IsOfPostgresClients), .. JavaNames]);

    private static IEnumerable<string> Problems()
    {
        if (!Directory.Exists(Environment.GetEnvironmentVariable(Home)))
        {
            yield return $"LogPartitioning cannot start: HOME is {Environment.GetEnvironmentVariable(Home) ?? "not set"}, which is no folder. Set it to one that this user may write.";
        }

        if (!Directory.Exists(Path.GetTempPath()))
        {
            yield return $"LogPartitioning cannot start: TMPDIR is {Path.GetTempPath()}, which is no folder. Set it to one that this user may write, or unset it.";
        }
    }

    // libpq's names and those of the driver; POSTGRES_HOME is a setting of this application.
    private static bool IsOfPostgresClients(string name) => name.StartsWith("PG", StringComparison.Ordinal);

    private static void Drop(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    private const uint GroupAndOthersWrite = 0b_010_010;

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
