using LogPartitioning.AppHost.Kafka.Processes;

namespace LogPartitioning.AppHost.Settings;

/// <summary>The server programs found on this machine.</summary>
/// <param name="Java">The Java launcher.</param>
/// <param name="Kafka">The Kafka distribution.</param>
/// <param name="PostgresBin">The folder with <c>initdb</c> and <c>postgres</c>.</param>
/// <param name="Redis">The <c>redis-server</c> program.</param>
internal sealed record InstalledServers(
    string Java,
    KafkaDistribution Kafka,
    string PostgresBin,
    string Redis);
