using LogPartitioning.AppHost.Settings;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Tests.AppHost;

/// <summary>A machine whose servers are empty files, and whose Java knows only its version, to read settings on.</summary>
internal sealed class FakeMachine : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _settings;

    public FakeMachine(string kafkaVersion = "0.9.0.1")
    {
        AddJava("17.0.15", "bin");
        _folder.AddFile("bin", "redis-server");
        _folder.AddFile("bin", "prometheus");
        _folder.AddFile("postgres", "bin", "initdb");
        _folder.AddFile("postgres", "bin", "postgres");
        _folder.AddFile("kafka", "libs", $"kafka_2.13-{kafkaVersion}.jar");
        _settings = new Dictionary<string, string?>
        {
            ["Infrastructure:Mode"] = "Processes",
            ["Infrastructure:DataPath"] = _folder.At("data"),
            ["Ports:Random"] = "true",
            ["PATH"] = _folder.At("bin"),
            ["POSTGRES_HOME"] = _folder.At("postgres"),
            ["KAFKA_HOME"] = _folder.At("kafka"),
            ["HOME"] = _folder.At("home"),
        };
    }

    public string? this[string key]
    {
        get => _settings[key];
        set => _settings[key] = value;
    }

    public string At(params string[] parts) => _folder.At(parts);

    public string AddFile(params string[] parts) => _folder.AddFile(parts);

    /// <summary>Puts a Java into a folder that answers <c>-version</c>.</summary>
    public void AddJava(string version, params string[] folder)
    {
        // A link, since a program that was just written cannot always be started at once.
        var java = _folder.At([.. folder, "java"]);
        Directory.CreateDirectory(Path.GetDirectoryName(java)!);
        File.Delete(java);
        File.CreateSymbolicLink(java, RepositoryFiles.PathOf("LogPartitioning.Tests/AppHost/fake-java.sh"));
        File.WriteAllText($"{java}.version", version);
    }

    /// <summary>The settings as command-line arguments.</summary>
    public string[] Arguments => [.. _settings.Where(setting => setting.Value is not null).Select(setting => $"--{setting.Key}={setting.Value}")];

    public (AppHostSettings? Settings, SettingsReader Reader) Read()
    {
        var reader = new SettingsReader(new ConfigurationBuilder().AddInMemoryCollection(_settings).Build());
        return (SettingsCheck.Read(reader, _folder.At("project", "AppHost"), publishing: false), reader);
    }

    /// <summary>The one problem that the settings have.</summary>
    public string Problem()
    {
        var (settings, reader) = Read();
        Assert.Null(settings);
        return Assert.Single(reader.Problems);
    }

    public void Dispose() => _folder.Dispose();
}
