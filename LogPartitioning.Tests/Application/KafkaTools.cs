using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LogPartitioning.AppHost.Kafka.Fallback;

namespace LogPartitioning.Tests.Integration;

/// <summary>The command line tools of the Kafka distribution that the application's brokers come from.</summary>
internal static class KafkaTools
{
    /// <summary>Sets which brokers hold a partition; the first is the one that should lead it.</summary>
    public static Task ReassignAsync(
        RunningApplication application, string topic, int partition, IReadOnlyList<int> replicas, CancellationToken cancellationToken) => RunAsync(
        application,
        ["org.apache.kafka.tools.reassign.ReassignPartitionsCommand", "--execute", "--reassignment-json-file"],
        ["kafka.admin.ReassignPartitionsCommand", "--execute", "--reassignment-json-file"],
        new { version = 1, partitions = new[] { new { topic, partition, replicas } } },
        cancellationToken);

    /// <summary>Makes the first of a partition's replicas lead it.</summary>
    public static Task ElectPreferredLeaderAsync(
        RunningApplication application, string topic, int partition, CancellationToken cancellationToken) => RunAsync(
        application,
        ["org.apache.kafka.tools.LeaderElectionCommand", "--election-type", "PREFERRED", "--path-to-json-file"],
        ["kafka.admin.PreferredReplicaLeaderElectionCommand", "--path-to-json-file"],
        new { partitions = new[] { new { topic, partition } } },
        cancellationToken);

    /// <summary>Runs a tool whose last argument is a file.</summary>
    private static async Task RunAsync<T>(
        RunningApplication application, string[] command, string[] oldCommand, T file, CancellationToken cancellationToken)
    {
        var servers = InstalledServersProbe.Servers;
        var folder = Directory.CreateTempSubdirectory("kafka-tools-");
        try
        {
            var path = Path.Combine(folder.FullName, "input.json");
            await File.WriteAllTextAsync(path, JsonSerializer.Serialize(file), cancellationToken);
            string[] tool = servers.Kafka.UsesKRaft
                ? [.. command, path, "--bootstrap-server", application.BootstrapServers]
                : [.. oldCommand, path, $"--{FallbackKafka.CoordinatorName}", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{application.Port(FallbackKafka.CoordinatorName)}")];
            await RunAsync(servers.Java, ["-Xmx128m", "-cp", servers.Kafka.ClassPath, .. tool], cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task RunAsync(string java, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(java, arguments) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        try
        {
            var output = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {string.Concat(output)}");
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
