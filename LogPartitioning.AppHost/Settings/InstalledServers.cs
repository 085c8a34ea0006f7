using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.AppHost.Settings;

/// <summary>The server programs found on this machine.</summary>
/// <param name="Java">The Java launcher.</param>
/// <param name="Kafka">The Kafka distribution.</param>
/// <param name="PostgresBin">The folder with <c>initdb</c> and <c>postgres</c>.</param>
/// <param name="Redis">The <c>redis-server</c> program.</param>
internal sealed record InstalledServers(string Java, KafkaDistribution Kafka, string PostgresBin, string Redis)
{
    private const string DebianPostgres = "/usr/lib/postgresql";

    /// <summary>The servers, or null after telling <paramref name="reader"/> about each one that is missing.</summary>
    public static InstalledServers? Find(SettingsReader reader)
    {
        var java = FindJava(reader);
        var kafka = FindKafka(reader);
        var postgres = FindPostgres(reader);
        var redis = OnPath(reader, "redis-server");
        if (redis is null)
        {
            reader.Problem("redis-server was not found on the PATH. ./run.sh installs it (Debian package redis-server).");
        }

        if (java is not null && kafka is not null)
        {
            CheckJava(java, kafka, reader);
        }

        return java is null || kafka is null || postgres is null || redis is null
            ? null
            : new InstalledServers(java, kafka, postgres, redis);
    }

    private static string? FindJava(SettingsReader reader)
    {
        if (reader.Text("JAVA_HOME") is { } home)
        {
            var java = Path.Combine(home, "bin", "java");
            if (!File.Exists(java))
            {
                reader.Problem($"JAVA_HOME is {home}, but there is no {java}.");
                return null;
            }

            return java;
        }

        var found = OnPath(reader, "java");
        if (found is null)
        {
            reader.Problem("No Java was found: the brokers need one (17 or later) on the PATH or in JAVA_HOME. ./run.sh installs it (Debian package openjdk-17-jre-headless).");
        }

        return found;
    }

    // A Java whose version is not known is accepted: if it is no Java, the start of a broker fails and says so.
    private static void CheckJava(string java, KafkaDistribution kafka, SettingsReader reader)
    {
        var oldest = JavaVersion.OldestFor(kafka.Version);
        if (JavaVersion.Ask(java) is { } version && version < oldest)
        {
            reader.Problem($"{java} is Java {version}, but Apache Kafka {kafka.Version} needs {oldest} or later: set JAVA_HOME to a newer one (Debian package openjdk-17-jre-headless).");
        }
    }

    private static KafkaDistribution? FindKafka(SettingsReader reader)
    {
        var set = reader.Text("KAFKA_HOME");
        var home = set ?? KafkaCache.Find(reader);
        if (home is null)
        {
            reader.Problem("No Apache Kafka was found: set KAFKA_HOME to a distribution (a folder with libs/*.jar), or start with ./run.sh, which fetches one.");
            return null;
        }

        if (KafkaDistribution.TryOpen(home, out var distribution, out var problem))
        {
            return distribution;
        }

        reader.Problem(set is null
            ? $"The Apache Kafka that set-up fetched is not whole: {problem}. Delete {home} and start with ./run.sh."
            : $"KAFKA_HOME is {home}, but {problem}. It must name an Apache Kafka distribution, a folder with libs/*.jar.");
        return null;
    }

    private static string? FindPostgres(SettingsReader reader)
    {
        // Debian keeps the server programs off the PATH, one folder for each major version.
        var folders = Directory.Exists(DebianPostgres)
            ? Directory.EnumerateDirectories(DebianPostgres)
                .Select(folder => (Folder: Path.Combine(folder, "bin"), Major: int.TryParse(Path.GetFileName(folder), out var major) ? major : 0))
                .OrderByDescending(candidate => candidate.Major)
                .Select(candidate => candidate.Folder)
            : [];
        if (reader.Text("POSTGRES_HOME") is { } set)
        {
            folders = [Path.Combine(set, "bin")];
        }
        else if (OnPath(reader, "initdb") is { } initdb)
        {
            folders = [Path.GetDirectoryName(initdb)!, .. folders];
        }

        var bin = folders.FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "postgres")));
        if (bin is null)
        {
            reader.Problem(reader.Text("POSTGRES_HOME") is { } home
                ? $"POSTGRES_HOME is {home}, but {home}/bin has no initdb and postgres."
                : $"PostgreSQL's server programs were found neither on the PATH nor in {DebianPostgres}. ./run.sh installs them (Debian package postgresql).");
        }

        return bin;
    }

    /// <summary>The <c>prometheus</c> program, which the application can do without.</summary>
    public static string? FindPrometheus(SettingsReader reader) => OnPath(reader, "prometheus");

    private static string? OnPath(SettingsReader reader, string program) =>
        (reader.Text("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
}
