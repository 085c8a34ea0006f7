using LogPartitioning.Tests.AppHost;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.SetUp;

/// <summary>How the set-up scripts fetch the Apache Kafka release.</summary>
public sealed class KafkaReleaseTests : IDisposable
{
    private const string Nowhere = "http://127.0.0.1:1";

    private readonly SetUpMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("curl")]
    [InlineData("wget")]
    public async Task The_release_is_fetched_and_unpacked_where_the_application_finds_it(string downloader)
    {
        if (InstalledPrograms.Find(downloader) is null)
        {
            return; // the scripts take the other one here, too
        }

        using var machine = new SetUpMachine(downloader);
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);

        var output = await FetchAsync(machine, site.Address);

        Assert.Equal(
            $"set-up: fetches Apache Kafka {FakeRelease.Version} from {site.Address}{FakeRelease.Path}; set KAFKA_HOME to use another one\n",
            output);
        Assert.Equal([FakeRelease.Name], machine.Cached);
        using var settings = new FakeMachine();
        settings["KAFKA_HOME"] = null;
        settings["XDG_CACHE_HOME"] = machine.CacheHome;
        Assert.Equal(new Version(FakeRelease.Version), settings.Read().Settings?.Servers?.Kafka.Version);
    }

    [Fact]
    public async Task A_cached_release_is_taken_without_a_word_or_a_request()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);
        await _machine.RunAsync(site.Address);
        var requests = site.Requests.Count;

        Assert.Equal((0, ""), await _machine.RunAsync(site.Address));
        Assert.Equal(requests, site.Requests.Count);
    }

    [Theory]
    [InlineData("curl")]
    [InlineData("wget")]
    public async Task A_download_that_is_cut_goes_on_where_it_was_cut(string downloader)
    {
        if (InstalledPrograms.Find(downloader) is null)
        {
            return; // the scripts take the other one here, too
        }

        using var machine = new SetUpMachine(downloader);
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive) { Cuts = 2 };

        await FetchAsync(machine, site.Address);

        Assert.True(File.Exists(machine.Jar));
        var half = FakeRelease.Archive.Length / 2;
        Assert.Equal([null, half, half + ((FakeRelease.Archive.Length - half) / 2)], site.Downloads.Select(request => request.From));
    }

    [Fact]
    public async Task A_download_that_an_earlier_set_up_left_half_done_goes_on()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);
        _machine.LeavePart(FakeRelease.Archive[..1000]);

        await FetchAsync(_machine, site.Address);

        Assert.Equal(1000, Assert.Single(site.Downloads).From);
        Assert.Equal([FakeRelease.Name], _machine.Cached);
    }

    [Fact]
    public async Task What_an_earlier_set_up_left_whole_is_unpacked_without_a_request()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);
        _machine.LeavePart(FakeRelease.Archive);

        Assert.Equal((0, ""), await _machine.RunAsync(site.Address));
        Assert.Empty(site.Requests);
        Assert.True(File.Exists(_machine.Jar));
    }

    [Theory]
    [InlineData(1000, true, new long[] { 1000, 0 })] // the part is of something else
    [InlineData(1000, false, new long[] { 1000, 0 })] // the server gives no parts
    [InlineData(200_000, true, new long[] { 200_000, 0 })] // the part is longer than the whole
    public async Task A_download_that_cannot_go_on_starts_again(int left, bool givesParts, long[] from)
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive) { GivesParts = givesParts };
        _machine.LeavePart(new byte[left]);

        await FetchAsync(_machine, site.Address);

        Assert.True(File.Exists(_machine.Jar));
        Assert.Equal(from, site.Downloads.Select(request => request.From ?? 0));
    }

    [Fact]
    public async Task A_wrong_digest_is_refused_with_both_and_nothing_of_it_is_kept()
    {
        var other = FakeRelease.Archive.ToArray();
        other[^1] ^= 1;
        await using var site = new DownloadSite(FakeRelease.Path, other);

        var (code, output) = await _machine.RunAsync(site.Address);

        Assert.Equal(1, code);
        Assert.Contains($"set-up: SHA-512 expected: {FakeRelease.Digest}\nset-up: SHA-512 found:    {FakeRelease.DigestOf(other)}\n", output, StringComparison.Ordinal);
        Assert.Contains("KAFKA_HOME", output, StringComparison.Ordinal);
        Assert.Empty(_machine.Cached);
    }

    [Fact]
    public async Task After_a_wrong_digest_the_next_place_is_asked()
    {
        await using var wrong = new DownloadSite(FakeRelease.Path, [1, 2, 3]);
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);

        await FetchAsync(_machine, $"{wrong.Address} {site.Address}");

        Assert.Null(Assert.Single(site.Downloads).From);
        Assert.Equal([FakeRelease.Name], _machine.Cached);
    }

    [Fact]
    public async Task A_release_that_has_left_the_site_is_taken_from_the_archive()
    {
        await using var archive = new DownloadSite($"/dist{FakeRelease.Path}", FakeRelease.Archive);

        await FetchAsync(_machine, $"{archive.Address}/ {archive.Address}/dist/");

        Assert.Equal(
            [new("HEAD", FakeRelease.Path), new("HEAD", $"/dist{FakeRelease.Path}"), new("GET", $"/dist{FakeRelease.Path}")],
            archive.Requests);
    }

    [Fact]
    public async Task Without_any_place_in_reach_each_is_named_with_the_ways_out()
    {
        var (code, output) = await _machine.RunAsync($"{Nowhere}/site {Nowhere}/archive");

        Assert.Equal(1, code);
        Assert.Contains($"cannot fetch {Nowhere}/site{FakeRelease.Path}: ", output, StringComparison.Ordinal);
        Assert.Contains($"cannot fetch {Nowhere}/archive{FakeRelease.Path}: ", output, StringComparison.Ordinal);
        Assert.Contains("LOGPARTITIONING_KAFKA_MIRROR", output, StringComparison.Ordinal);
        Assert.Contains("KAFKA_HOME", output, StringComparison.Ordinal);
        Assert.Empty(_machine.Cached);
    }

    [Fact]
    public async Task Two_set_ups_at_a_time_fetch_once()
    {
        await using var site = new DownloadSite(FakeRelease.Path, FakeRelease.Archive);

        var runs = await Task.WhenAll(_machine.RunAsync(site.Address), _machine.RunAsync(site.Address));

        Assert.All(runs, run => Assert.True(run.ExitCode == 0, run.Output));
        Assert.Single(site.Downloads);
        Assert.Equal([FakeRelease.Name], _machine.Cached);
    }

    [Fact]
    public void The_release_is_a_kafka_4_with_a_whole_digest()
    {
        var lines = RepositoryFiles.Read("setup/kafka/release").Split('\n');

        Assert.Single(lines, line => line.StartsWith("kafka_version=4.", StringComparison.Ordinal));
        Assert.Matches("^kafka_sha512=[0-9a-f]{128}$", Assert.Single(lines, line => line.StartsWith("kafka_sha512=", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("17.0.15", "17")]
    [InlineData("1.8.0_392", "8")]
    [InlineData("25-ea", "25")]
    [InlineData("a secret", "")]
    public async Task The_version_of_the_java_on_the_path_is_understood(string version, string major)
    {
        File.CreateSymbolicLink(_machine.At("bin", "java"), RepositoryFiles.PathOf("LogPartitioning.Tests/AppHost/fake-java.sh"));
        await File.WriteAllTextAsync(_machine.At("bin", "java.version"), version);

        var (code, output) = await _machine.RunAsync(Nowhere, "java_version");

        Assert.Equal((0, major), (code, output.Trim()));
    }

    /// <summary>Fetches the release, which must succeed.</summary>
    /// <returns>What the scripts wrote.</returns>
    private static async Task<string> FetchAsync(SetUpMachine machine, string mirrors)
    {
        var (code, output) = await machine.RunAsync(mirrors);
        Assert.True(code == 0, output);
        return output;
    }
}
