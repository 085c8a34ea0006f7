using System.Buffers.Text;
using System.Diagnostics;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The storage of KRaft brokers, which must be formatted with the cluster's id before the first start.</summary>
internal static class KRaftStorage
{
    /// <summary>The id of the cluster whose data lie in <paramref name="folder"/>; a new one where there is none.</summary>
    public static string ClusterIdIn(string folder)
    {
        var file = Path.Combine(folder, "cluster.id");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        // Kafka's own ids: 16 random bytes as base64url without padding. A leading '-' would read as an option.
        string id;
        do
        {
            id = Base64Url.EncodeToString(Guid.NewGuid().ToByteArray());
        }
        while (id[0] == '-');
        Directory.CreateDirectory(folder);
        File.WriteAllText(file, id);
        return id;
    }

    /// <summary>Formats the broker's storage unless that has been done.</summary>
    /// <exception cref="InvalidOperationException">The storage tool failed; the message carries what it said.</exception>
    public static async Task FormatAsync(KafkaProcessSettings settings, ClusterLayout layout, BrokerLayout broker, CancellationToken cancellationToken)
    {
        if (File.Exists(Path.Combine(broker.LogFolder, "meta.properties")))
        {
            return;
        }

        var arguments = new JavaProgram(settings.Distribution, broker.Folder)
            .Arguments("64m", [], "kafka.tools.StorageTool", "format", "--cluster-id", layout.ClusterId, "--config", broker.PropertiesFile);
        var start = new ProcessStartInfo(settings.Java, arguments);
        foreach (var (name, value) in JavaProgram.Environment)
        {
            start.Environment[name] = value;
        }

        var tool = await FinishedProgram.RunAsync(start, cancellationToken);
        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"Formatting the storage of {broker.Name} failed: {(tool.Output + tool.Errors).Trim()}");
        }
    }
}
