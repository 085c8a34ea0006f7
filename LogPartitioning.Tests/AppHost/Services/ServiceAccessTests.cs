using Aspire.Hosting.ApplicationModel;
using LogPartitioning.AppHost.Prometheus;
using LogPartitioning.Tests.Processes;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.AppHost.Services;

/// <summary>The keys that the AppHost hands to services and Prometheus.</summary>
public sealed class ServiceAccessTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Every_service_gets_the_services_key_as_a_secret_and_the_users_keys_as_they_are()
    {
        using var data = new TemporaryFolder();
        await using var model = await TopologyModel.BuildAsync(
            "--Infrastructure:Mode=External", $"--Infrastructure:DataPath={data.Path}", "--Ports:Random=true", "--PATH=",
            "--ConnectionStrings:kafka=broker:9092", "--ConnectionStrings:logs=Host=db;Database=logs", "--ConnectionStrings:redis=cache:6379",
            "--ApiKeys:File=/etc/keys.json");

        foreach (var service in new[] { "producer", "gateway", "consumer-1" })
        {
            var environment = await model.EnvironmentAsync(service);
            Assert.Equal("{service-key.value}", environment["ApiKeys__ServiceKey"]);
            Assert.Equal("/etc/keys.json", environment["ApiKeys__File"]);
        }

        var key = Assert.IsType<ParameterResource>(model.Resource("service-key"));
        Assert.True(key.Secret);
        var file = data.At("service-key");
        Assert.Equal(32, (await File.ReadAllTextAsync(file)).Length);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void The_users_own_services_key_is_taken_and_not_handed_on_in_plain_text()
    {
        _machine["ApiKeys:ServiceKey"] = "a-key-that-the-services-show-each-other";

        var (settings, _) = _machine.Read();

        Assert.NotNull(settings);
        Assert.Equal("a-key-that-the-services-show-each-other", settings.ServiceKey());
        Assert.DoesNotContain(settings.ServiceSettings, setting => setting.Key.Contains("ServiceKey", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("https://0.0.0.0:8443", null, true)]
    [InlineData("https://*:8443", null, true)]
    [InlineData("https://localhost:8443", null, false)]
    [InlineData("https://0.0.0.0:8443", "ApiKeys:File=/etc/keys.json", false)]
    [InlineData("https://0.0.0.0:8443", "ApiKeys:Keys:0:Name=a", false)]
    [InlineData("https://0.0.0.0:8443", "ApiKeys:TrustedNetwork=true", false)]
    public void An_address_beyond_loopback_needs_keys(string url, string? access, bool refused)
    {
        _machine["Kestrel:Endpoints:Https:Url"] = url;
        if (access?.Split('=') is [var name, var value])
        {
            _machine[name] = value;
        }

        var (settings, reader) = _machine.Read();

        Assert.Equal(refused, settings is null);
        if (refused)
        {
            Assert.StartsWith($"The gateway is to listen on {url}, which others can reach, and ApiKeys names no key.", Assert.Single(reader.Problems), StringComparison.Ordinal);
        }
    }

    [PrometheusFact]
    public async Task Prometheus_reads_the_key_from_a_file_of_its_folder()
    {
        using var data = new TemporaryFolder();
        var folder = new PrometheusFolder(data.Path, RepositoryFiles.PathOf("LogPartitioning.AppHost"), "a-key-that-the-services-show-each-other");
        folder.Write();

        await ChildProgram.RunAsync("promtool", ["check", "config", Path.Combine(folder.Path, "prometheus.yml")]);

        Assert.Equal("a-key-that-the-services-show-each-other", await File.ReadAllTextAsync(Path.Combine(folder.Path, "service-key")));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(data.At("prometheus")));
        }
    }
}
