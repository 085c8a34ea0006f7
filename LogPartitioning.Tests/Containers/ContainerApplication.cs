using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Application;

namespace LogPartitioning.Tests.Containers;

/// <summary>The AppHost as a process, with its servers as containers.</summary>
internal sealed class ContainerApplication : IAsyncDisposable
{
    private const int FirstPort = 12_000;
    private const int LastPort = 19_000;
    private const string Source = "containers";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EventTimeout = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan EndTimeout = TimeSpan.FromMinutes(2);

    private readonly DockerDaemon _docker;
    private readonly AppHostProcess _apphost;
    private readonly HttpClient _gateway;
    private readonly HttpClient _prometheus;
    private readonly int _kafkaPort;

    private ContainerApplication(DockerDaemon docker, string dataPath)
    {
        _docker = docker;

        // The brokers take three in a row.
        var ports = FreePorts(8);
        _kafkaPort = ports[0];
        _gateway = Client(ports[3]);
        _prometheus = Client(ports[4]);
        _apphost = AppHostProcess.Start(
            new Dictionary<string, string>(docker.Environment)
            {
                // Its image cannot be built without a registry.
                ["ASPIRE_ENABLE_CONTAINER_TUNNEL"] = "false",
            },
            "--Infrastructure:Mode=Containers",
            $"--Infrastructure:DataPath={dataPath}",
            "--ConsumerReplicas=2",
            Port("Kafka", ports[0]),
            Port("Gateway", ports[3]),
            Port("Prometheus", ports[4]),
            Port("Postgres", ports[5]),
            Port("Redis", ports[6]),
            Port("Grafana", ports[7]));

        static string Port(string name, int port) => string.Create(CultureInfo.InvariantCulture, $"--Ports:{name}={port}");
    }

    /// <summary>Starts it and waits until the gateway is healthy, which waits for everything but Prometheus and Grafana.</summary>
    public static async Task<ContainerApplication> StartAsync(DockerDaemon docker, string dataPath)
    {
        var application = new ContainerApplication(docker, dataPath);
        try
        {
            await Eventually.SeesAsync("the gateway healthy", application.HealthAsync, health => health == "OK", StartTimeout);
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends events of one source, and where the gateway asks for it the same ones again.</summary>
    public async Task SendAsync(IEnumerable<string> messages)
    {
        var events = messages.Select(message => new { id = Guid.CreateVersion7(), source = Source, level = "Information", message }).ToList();
        await Eventually.SeesAsync(
            $"{events.Count} events accepted",
            async cancellationToken =>
            {
                using var answer = await _gateway.PostAsJsonAsync("/api/logs", events, cancellationToken);
                Assert.True(answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
                return answer.StatusCode;
            },
            status => status is HttpStatusCode.Accepted,
            EventTimeout);
    }

    /// <summary>Waits until as many events are stored, and reads them.</summary>
    public Task<List<string>> StoredAsync(int count) => Eventually.SeesAsync(
        $"{count} events stored",
        async cancellationToken =>
        {
            var page = await _gateway.GetFromJsonAsync<JsonElement>($"/api/logs?source={Source}&limit=1000", cancellationToken);
            return page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("message").GetString()!).ToList();
        },
        messages => messages.Count == count,
        EventTimeout);

    /// <summary>Waits until Prometheus scrapes these services, and perhaps others.</summary>
    public Task ScrapedAsync(params IReadOnlyList<string> services) => Eventually.SeesAsync(
        $"{string.Join(", ", services)} scraped",
        async cancellationToken =>
        {
            var answer = await _prometheus.GetFromJsonAsync<JsonElement>("/api/v1/targets", cancellationToken);
            return string.Join(", ", answer.GetProperty("data").GetProperty("activeTargets").EnumerateArray()
                .Where(target => target.GetProperty("health").GetString() == "up")
                .Select(target => target.GetProperty("labels").GetProperty("instance").GetString()));
        },
        up => !services.Except(up.Split(", ")).Any(),
        EventTimeout);

    /// <summary>Kills the container of a resource.</summary>
    /// <returns>The container.</returns>
    public async Task<string> KillAsync(string resource)
    {
        var container = Assert.Single(await _docker.RunAsync("ps", "--quiet", "--filter", $"name={resource}"));
        await _docker.RunAsync("kill", container);
        return container;
    }

    /// <summary>Waits until every partition of the topic has this many replicas in sync.</summary>
    public async Task InSyncAsync(int replicas)
    {
        var brokers = string.Join(',', Enumerable.Range(_kafkaPort, 3).Select(port => string.Create(CultureInfo.InvariantCulture, $"localhost:{port}")));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = brokers }).SetLogHandler((_, _) => { }).Build();
        await Eventually.SeesAsync(
            $"{replicas} replicas in sync",
            _ => Task.FromResult(FewestInSync()),
            fewest => fewest == replicas,
            EventTimeout);

        int? FewestInSync()
        {
            try
            {
                var topic = admin.GetMetadata("log-events", TimeSpan.FromSeconds(10)).Topics[0];
                return topic.Partitions.Count == 0 ? null : topic.Partitions.Min(partition => partition.InSyncReplicas.Length);
            }
            catch (KafkaException)
            {
                return null; // it asked a broker that is gone
            }
        }
    }

    /// <summary>
    /// Ends it as Ctrl+C does, and waits until nothing is left of it but its volumes. Its network is not asked for: on a busy
    /// machine Aspire's orchestrator now and then leaves it, which is a known fault of the orchestrator.
    /// </summary>
    public async Task EndAsync()
    {
        var family = _apphost.Family();
        await _apphost.SignalAsync("TERM");
        Assert.Equal(0, await _apphost.WaitForExitAsync(EndTimeout));
        await Eventually.SeesAsync(
            "no container of the application, and none of its processes",
            async _ => string.Join(
                ", ",
                [
                    .. await _docker.RunAsync("ps", "--all", "--format", "{{.Names}}"),
                    .. family.Where(process => process.IsAlive).Select(process => process.ToString()),
                ]),
            left => left.Length == 0,
            EndTimeout);
    }

    public ValueTask DisposeAsync()
    {
        _gateway.Dispose();
        _prometheus.Dispose();
        _apphost.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> HealthAsync(CancellationToken cancellationToken)
    {
        // Aspire's proxy accepts a connection before the gateway is there, and may hold it.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HealthTimeout);
        try
        {
            using var answer = await _gateway.GetAsync("/health", patience.Token);
            return answer.IsSuccessStatusCode ? "OK" : $"{answer.StatusCode}\n{_apphost.Output}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer\n{_apphost.Output}";
        }
    }

    private static HttpClient Client(int port) => new() { BaseAddress = new Uri(Local(port)), Timeout = EventTimeout };

    private static string Local(int port) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");

    // Below those that other tests take, and those of outgoing connections.
    private static IReadOnlyList<int> FreePorts(int count)
    {
        var first = Enumerable.Range(0, 100)
            .Select(_ => Random.Shared.Next(FirstPort, LastPort))
            .First(candidate => Enumerable.Range(candidate, count).All(LoopbackPorts.IsFree));
        return [.. Enumerable.Range(first, count)];
    }
}
