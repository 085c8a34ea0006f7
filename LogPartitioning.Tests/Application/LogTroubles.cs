using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Application;

/// <summary>The warnings and errors in what an AppHost writes with <c>--ResourceLogs=true</c>: its own, those of the services and those of the servers.</summary>
internal static partial class LogTroubles
{
    // What a server says about the machine that it runs on, and how Prometheus takes its leave, and PostgreSQL while it vacuums.
    private static readonly string[] Known =
    [
        "Memory overcommit must be enabled", "Transparent Huge Pages", "Received SIGTERM, exiting gracefully", "[sys] ",
        "terminating autovacuum process due to administrator command",
    ];

    /// <summary>Each of them, after the resource that wrote it.</summary>
    public static IReadOnlyList<string> In(string output)
    {
        var troubles = new List<string>();
        var (level, category) = ("", "");
        foreach (var line in output.Split('\n'))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                (level, category) = (header.Groups["level"].Value, header.Groups["category"].Value);
            }
            else if (IsTrouble(level, category, line) && !BrokersOfEachOther().IsMatch(line)
                && !Known.Any(known => line.Contains(known, StringComparison.Ordinal)))
            {
                troubles.Add($"{category}: {line.Trim()}");
            }
        }

        return troubles;
    }

    // The output of a resource is logged at a level that only says to which stream it was written.
    private static bool IsTrouble(string level, string category, string line) =>
        category.Contains(".Resources.", StringComparison.Ordinal) ? ServersWords().IsMatch(line) : level is "warn" or "fail" or "crit" && line.Trim().Length > 0;

    [GeneratedRegex(@"^(?<level>trce|dbug|info|warn|fail|crit): (?<category>\S+)\[\d+\]")]
    private static partial Regex Header();

    // What a broker misses while the others still come or already go differs from run to run. Its settings, its files and its requests it judges elsewhere.
    [GeneratedRegex(@"\((kafka\.server\.(\w*Fetcher\w*|ControllerApis)|org\.apache\.kafka\.(raft|controller|coordinator|clients|server)\.[\w.$]+|kafka\.(coordinator|raft|cluster)\.[\w.$]+|state\.change\.logger)\)$")]
    private static partial Regex BrokersOfEachOther();

    // In turn: the services (JSON), Kafka, PostgreSQL, Prometheus, Redis, librdkafka.
    [GeneratedRegex("\"LogLevel\":\"(Warning|Error|Critical)\"| (WARN|ERROR|FATAL) | (WARNING|ERROR|FATAL|PANIC): |level=(warn|error|WARN|ERROR)| # (WARNING|Warning|.*[Ee]rror|Fatal)|CONFWARN")]
    private static partial Regex ServersWords();
}
