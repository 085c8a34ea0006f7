namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>What brokers need that run as processes of this machine.</summary>
/// <param name="Java">The Java launcher.</param>
/// <param name="Distribution">The Kafka distribution.</param>
/// <param name="Folder">Where the cluster keeps its data and its configuration.</param>
/// <param name="FirstPort">The preferred port of the first broker; the others follow, then the controllers.</param>
/// <param name="NextPort">Gives a free port: the preferred one, or another one.</param>
/// <param name="DefaultPartitions">How many partitions a topic gets that nobody created.</param>
internal sealed record KafkaProcessSettings(
    string Java, KafkaDistribution Distribution, string Folder, int FirstPort, Func<int, int> NextPort, int DefaultPartitions);
