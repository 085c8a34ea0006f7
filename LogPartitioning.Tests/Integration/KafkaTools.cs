using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LogPartitioning.AppHost.Infrastructure.Processes;

namespace LogPartitioning.Tests.Integration;

/// <summary>The command line tools of the Kafka distribution that the application's brokers come from.</summary>
internal static class KafkaTools
{
    /// <summary>Sets which brokers hold a partition; the first is the one that should lead it.</summary>
    public static Task ReassignAsync(
        RunningApplication application, string topic, int partition, IReadOnlyList<int> replicas, CancellationToken cancellationToken) => RunAsync(
        kafka => ["kafka-reassign-partitions.sh", "--execute", .. Cluster(application, kafka), "--reassignment-json-file"],
        new { version = 1, partitions = new[] { new { topic, partition, replicas } } },
        cancellationToken);

    /// <summary>Makes the first of a partition's replicas lead it.</summary>
    public static Task ElectPreferredLeaderAsync(
        RunningApplication application, string topic, int partition, CancellationToken cancellationToken) => RunAsync(
        kafka => kafka.UsesKRaft
            ? ["kafka-leader-election.sh", "--election-type", "PREFERRED", .. Cluster(application, kafka), "--path-to-json-file"]
            : ["kafka-preferred-replica-election.sh", .. Cluster(application, kafka), "--path-to-json-file"],
        new { partitions = new[] { new { topic, partition } } },
        cancellationToken);

    private static string[] Cluster(RunningApplication application, KafkaDistribution kafka) => kafka.UsesKRaft
        ? ["--bootstrap-server", application.BootstrapServers]
        : ["--zookeeper", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{application.Port("zookeeper")}")];

    /// <summary>Runs a tool whose last argument is a file.</summary>
    private static async Task RunAsync<T>(
        Func<KafkaDistribution, string[]> command, T file, CancellationToken cancellationToken)
    {
        var kafka = InstalledServersProbe.Servers.Kafka;
        var folder = Directory.CreateTempSubdirectory("kafka-tools-");
        try
        {
            var path = Path.Combine(folder.FullName, "input.json");
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(file), cancellationToken);
            await RunAsync(Path.Combine(kafka.Home, "bin"), [.. command(kafka), path], folder.FullName, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string tools, string[] command, string logFolder, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("bash", [Path.Combine(tools, command[0]), .. command[1..]])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                // Else the tools write into the distribution.
                Environment = { ["LOG_DIR"] = logFolder },
            },
        };
        process.Start();
        try
        {
            var output = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {string.Concat(output)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
