namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The data of an earlier run, and whether the brokers of this run can use them.</summary>
internal static class KafkaDataFolder
{
    private const string VersionFile = "kafka.version";

    /// <summary>Why <paramref name="distribution"/> must not run on the data in <paramref name="folder"/>, or null.</summary>
    /// <remarks>Newer brokers read older data, but KRaft brokers and those before them do not read each other's.</remarks>
    public static string? Problem(string folder, KafkaDistribution distribution)
    {
        if (Existing(folder) is not { } data)
        {
            return null;
        }

        var fits = data.UsesKRaft == distribution.UsesKRaft
            && (data.Version is not { } version || new Version(distribution.Version.Major, distribution.Version.Minor) >= new Version(version.Major, version.Minor));
        return fits ? null
            : $"{folder} holds the data of {data}, which Kafka {distribution.Version} in {distribution.Home} cannot read. "
            + "Set KAFKA_HOME to a distribution of that version, or Infrastructure:DataPath to another folder; ./run.sh clean deletes the old data.";
    }

    /// <summary>Remembers which version runs on the data from now on.</summary>
    public static void Mark(string folder, KafkaDistribution distribution)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, VersionFile), distribution.Version.ToString());
    }

    private static ExistingData? Existing(string folder)
    {
        // A start that failed early leaves the version file and no data.
        var storage = Path.Combine(folder, "broker-1", "log", "meta.properties");
        if (!File.Exists(storage))
        {
            return null;
        }

        var file = Path.Combine(folder, VersionFile);
        if (File.Exists(file) && Version.TryParse(File.ReadAllText(file).Trim(), out var version))
        {
            return new ExistingData(version, new KafkaDistribution("", version).UsesKRaft);
        }

        // Written before versions were remembered: the storage itself says which kind it is.
        return new ExistingData(null, File.ReadLines(storage).Any(line => line.StartsWith("node.id=", StringComparison.Ordinal)));
    }

    private sealed record ExistingData(Version? Version, bool UsesKRaft)
    {
        public override string ToString() =>
            Version is not null ? $"Kafka {Version}" : UsesKRaft ? "a Kafka of 3.3 or later" : "a Kafka before 3.3";
    }
}
