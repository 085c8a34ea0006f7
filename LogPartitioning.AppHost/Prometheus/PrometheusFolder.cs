using System.Text.Json;
using System.Text.RegularExpressions;
using LogPartitioning.AppHost.Machine;

namespace LogPartitioning.AppHost.Prometheus;

/// <summary>Prometheus's configuration folder: the files of this project beside the targets, which only a run knows.</summary>
internal sealed partial class PrometheusFolder(string dataPath, string appHostDirectory, string serviceKey)
{
    /// <summary>The folder with <c>prometheus.yml</c>.</summary>
    public string Path { get; } = System.IO.Path.Combine(dataPath, "prometheus", "etc");

    /// <summary>Where the samples are kept.</summary>
    public string DataPath { get; } = System.IO.Path.Combine(dataPath, "prometheus", "data");

    /// <summary>Copies the configuration and the rules, writes the key for the services, and clears the targets of an earlier run.</summary>
    public void Write()
    {
        Directory.CreateDirectory(TargetsFolder);
        if (!OperatingSystem.IsWindows())
        {
            // A container mounts the folder below and reads it as a user of its own; nobody else of this machine gets that far.
            File.SetUnixFileMode(System.IO.Path.GetDirectoryName(Path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        foreach (var old in Directory.EnumerateFiles(Path).Concat(Directory.EnumerateFiles(TargetsFolder)))
        {
            File.Delete(old);
        }

        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine(appHostDirectory, "Prometheus"), "*.yml"))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }

        var key = System.IO.Path.Combine(Path, "service-key");
        File.WriteAllText(key, serviceKey);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
        PublicFiles.Open(Path);
        PublicFiles.Open(TargetsFolder);
    }

    /// <summary>Writes the addresses of the services, for Prometheus's file-based discovery.</summary>
    /// <remarks>The label <c>instance</c> is the resource's name, <c>job</c> the same without the replica's number.</remarks>
    public async Task WriteTargetsAsync(IEnumerable<EndpointReference> endpoints, CancellationToken cancellationToken)
    {
        var targets = await Task.WhenAll(endpoints.Select(async endpoint => new
        {
            targets = new[] { await endpoint.Property(EndpointProperty.HostAndPort).GetValueAsync(cancellationToken) },
            labels = new { job = ReplicaNumber().Replace(endpoint.Resource.Name, ""), instance = endpoint.Resource.Name },
        }));

        // Prometheus watches the folder: a file that appears whole is never read half written.
        var unfinished = System.IO.Path.Combine(Path, "services.tmp");
        await File.WriteAllTextAsync(unfinished, JsonSerializer.Serialize(targets), cancellationToken);
        PublicFiles.Open(unfinished);
        File.Move(unfinished, System.IO.Path.Combine(TargetsFolder, "services.json"), overwrite: true);
    }

    [GeneratedRegex(@"-\d+$")]
    private static partial Regex ReplicaNumber();

    private string TargetsFolder => System.IO.Path.Combine(Path, "targets");
}
