using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>An unpacked Apache Kafka distribution.</summary>
/// <param name="Home">The folder that holds <c>libs/</c>.</param>
/// <param name="Version">The version that the broker's jar names.</param>
internal sealed partial record KafkaDistribution(string Home, Version Version)
{
    private static readonly Version FirstKRaft = new(3, 3);
    private static readonly Version FirstLog4J2 = new(4, 0);

    /// <summary>Brokers elect their controller among themselves (KRaft, production-ready from 3.3); older ones cannot.</summary>
    public bool UsesKRaft => Version >= FirstKRaft;

    /// <summary>Logs through Log4j 2; older ones through Log4j 1.2 or its bridge.</summary>
    public bool UsesLog4J2 => Version >= FirstLog4J2;

    /// <summary>The Java class path: every jar of the distribution.</summary>
    public string ClassPath => Path.Combine(Home, "libs", "*");

    /// <summary>Why brokers cannot run from <paramref name="home"/> with their data in <paramref name="folder"/>, or null: the separators of two lists, which neither Java nor Kafka lets one escape, Aspire's of folders, and what .NET cannot read.</summary>
    public static string? PathProblem(string home, string folder) =>
        home.Contains(Path.PathSeparator, StringComparison.Ordinal) ? $"The path of the Kafka distribution, {home}, has a \"{Path.PathSeparator}\", which ends a folder in Java's class path. Move it to a folder without one, and set KAFKA_HOME."
        : folder.Contains(',', StringComparison.Ordinal) ? $"The brokers' data folder, {folder}, has a comma, which ends a folder in Kafka's setting log.dirs. Set Infrastructure:DataPath to a folder without one."
        : !OperatingSystem.IsWindows() && folder.Contains('\\', StringComparison.Ordinal) ? $"The servers' data folder, {folder}, has a backslash, which Aspire reads as a slash. Set Infrastructure:DataPath to a folder without one."
        : folder.Contains('\uFFFD', StringComparison.Ordinal) ? $"The servers' data folder, {folder}, has bytes that are no UTF-8. Set Infrastructure:DataPath to a folder without them."
        : null;

    /// <summary>Opens the distribution in <paramref name="home"/>, or says why it is none.</summary>
    public static bool TryOpen(string home, [NotNullWhen(true)] out KafkaDistribution? distribution, [NotNullWhen(false)] out string? problem)
    {
        distribution = null;
        var libs = Path.Combine(home, "libs");
        if (!Directory.Exists(libs))
        {
            problem = $"{libs} does not exist";
            return false;
        }

        var versions = Directory.EnumerateFiles(libs, "kafka_*.jar")
            .Select(jar => BrokerJar().Match(Path.GetFileName(jar)))
            .Where(match => match.Success)
            .Select(match => Version.Parse(match.Groups["version"].Value))
            .Distinct()
            .ToList();
        switch (versions)
        {
            case [var version]:
                problem = null;
                distribution = new KafkaDistribution(Path.GetFullPath(home), version);
                return true;
            case []:
                problem = $"{libs} has no kafka_<scala>-<version>.jar";
                return false;
            default:
                problem = $"{libs} has the jars of more than one version: {string.Join(", ", versions.Order())}";
                return false;
        }
    }

    // kafka_2.13-3.9.1.jar, kafka_2.13-4.0.0-rc1.jar; not kafka_2.11-0.9.0.1-javadoc.jar and its like.
    [GeneratedRegex(@"^kafka_\d+\.\d+-(?<version>\d+(\.\d+){1,3})(-(?!sources|javadoc|scaladoc|test)[A-Za-z0-9.]+)?\.jar$")]
    private static partial Regex BrokerJar();
}
