namespace LogPartitioning.AppHost.Scraping;

/// <summary>Prometheus's configuration folder: the files of this project beside the targets, which only a run knows.</summary>
internal sealed class PrometheusFolder(string dataPath, string appHostDirectory)
{
    /// <summary>The folder with <c>prometheus.yml</c>.</summary>
    public string Path { get; } = System.IO.Path.Combine(dataPath, "prometheus", "etc");

    /// <summary>Where the samples are kept.</summary>
    public string DataPath { get; } = System.IO.Path.Combine(dataPath, "prometheus", "data");

    /// <summary>Copies the configuration and the rules, and clears the targets of an earlier run.</summary>
    public void Write()
    {
        Directory.CreateDirectory(TargetsFolder);
        foreach (var old in Directory.EnumerateFiles(Path).Concat(Directory.EnumerateFiles(TargetsFolder)))
        {
            File.Delete(old);
        }

        foreach (var file in Directory.EnumerateFiles(System.IO.Path.Combine(appHostDirectory, "Prometheus"), "*.yml"))
        {
            File.Copy(file, System.IO.Path.Combine(Path, System.IO.Path.GetFileName(file)));
        }
    }

    /// <summary>Writes the addresses of the services, as soon as they are known.</summary>
    public async Task WriteTargetsAsync(ScrapeTargets targets, CancellationToken cancellationToken)
    {
        var text = await targets.ToYamlAsync(cancellationToken);

        // Prometheus watches the folder: a file that appears whole is never read half written.
        var unfinished = System.IO.Path.Combine(Path, "services.tmp");
        await File.WriteAllTextAsync(unfinished, text, cancellationToken);
        File.Move(unfinished, System.IO.Path.Combine(TargetsFolder, "services.yml"), overwrite: true);
    }

    private string TargetsFolder => System.IO.Path.Combine(Path, "targets");
}
