using System.Diagnostics;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The storage of KRaft brokers, which must be formatted with the cluster's id before the first start.</summary>
internal static class KRaftStorage
{
    private const string FormattedMark = "meta.properties";

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
            id = Convert.ToBase64String(Guid.NewGuid().ToByteArray()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
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
        if (File.Exists(Path.Combine(broker.LogFolder, FormattedMark)))
        {
            return;
        }

        var arguments = JavaArguments.For(
            settings.Distribution, "64m", broker.Folder, [], "kafka.tools.StorageTool", "format", "--cluster-id", layout.ClusterId, "--config", broker.PropertiesFile);
        using var tool = Process.Start(new ProcessStartInfo(settings.Java, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }) ?? throw new InvalidOperationException($"{settings.Java} did not start.");
        var output = tool.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = tool.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await tool.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            tool.Kill();
            throw;
        }

        if (tool.ExitCode != 0)
        {
            throw new InvalidOperationException($"Formatting the storage of {broker.Name} failed: {(await output + await errors).Trim()}");
        }
    }
}
