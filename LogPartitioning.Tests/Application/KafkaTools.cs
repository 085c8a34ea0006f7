using System.Globalization;
using System.Text.Json;
using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Application;

/// <summary>The command line tools of the Kafka distribution that the application's brokers come from.</summary>
internal static class KafkaTools
{
    /// <summary>Sets which brokers hold a partition; the first is the one that should lead it.</summary>
    public static Task ReassignAsync(
        RunningApplication application, string topic, int partition, IReadOnlyList<int> replicas) => RunAsync(
        application,
        ["org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--execute", "--reassignment-json-file"],
        ["kafka.admin.ReassignPartitionsCommand", "--execute", "--reassignment-json-file"],
        new { version = 1, partitions = new[] { new { topic, partition, replicas } } });

    /// <summary>Makes the first of a partition's replicas lead it.</summary>
    public static Task ElectPreferredLeaderAsync(RunningApplication application, string topic, int partition) => RunAsync(
        application,
        ["org.apache.kafka.tools.LeaderElectionCommand", "--election-type", "PREFERRED", "--path-to-json-file"],
        ["kafka.admin.PreferredReplicaLeaderElectionCommand", "--path-to-json-file"],
        new { partitions = new[] { new { topic, partition } } });

    /// <summary>Runs a tool whose last argument is a file.</summary>
    private static async Task RunAsync<T>(RunningApplication application, string[] command, string[] oldCommand, T file)
    {
        var servers = InstalledServersProbe.Servers;
        using var folder = new TemporaryFolder();
        var path = folder.At("input.json");
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(file));
        string[] tool = servers.Kafka.UsesKRaft
            ? [.. command, path, "--bootstrap-server", application.BootstrapServers]
            : [.. oldCommand, path, $"--{FallbackKafka.CoordinatorName}", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{application.Port(FallbackKafka.CoordinatorName)}")];
        await ChildProgram.RunAsync(servers.Java, ["-Xmx128m", "-cp", servers.Kafka.ClassPath, .. tool]);
    }
}
