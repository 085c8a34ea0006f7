namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The data that brokers of an earlier run left, and whether the brokers of this run can go on with them.</summary>
internal static class KafkaDataFolder
{
    private const string VersionFile = "kafka.version";

    /// <summary>Why <paramref name="distribution"/> must not run on the data in <paramref name="folder"/>, or null.</summary>
    /// <remarks>Newer brokers go on with older data of their kind; neither kind reads the other's.</remarks>
    public static string? Problem(string folder, KafkaDistribution distribution)
    {
        if (Left(folder) is not { } left)
        {
            return null;
        }

        var fits = left.UsesKRaft == distribution.UsesKRaft
            && (left.Version is not { } version || new Version(distribution.Version.Major, distribution.Version.Minor) >= new Version(version.Major, version.Minor));
        return fits ? null
            : $"{folder} holds the data of {left}, which Kafka {distribution.Version} in {distribution.Home} cannot read. "
            + "Set KAFKA_HOME to a distribution of that version, or Infrastructure:DataPath to another folder; ./run.sh clean deletes the old data.";
    }

    /// <summary>Remembers which version runs on the data from now on.</summary>
    public static void Mark(string folder, KafkaDistribution distribution)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, VersionFile), distribution.Version.ToString());
    }

    private static LeftData? Left(string folder)
    {
        // A start that was given up early leaves its version and no data.
        var storage = Path.Combine(folder, "broker-1", "log", "meta.properties");
        if (!File.Exists(storage))
        {
            return null;
        }

        var file = Path.Combine(folder, VersionFile);
        if (File.Exists(file) && Version.TryParse(File.ReadAllText(file).Trim(), out var version))
        {
            return new LeftData(version, new KafkaDistribution("", version).UsesKRaft);
        }

        // Written before versions were remembered: the storage itself says which kind it is.
        return new LeftData(null, File.ReadLines(storage).Any(line => line.StartsWith("node.id=", StringComparison.Ordinal)));
    }

    private sealed record LeftData(Version? Version, bool UsesKRaft)
    {
        public override string ToString() =>
            Version is not null ? $"Kafka {Version}" : UsesKRaft ? "a Kafka of 3.3 or later" : "a Kafka before 3.3";
    }
}
