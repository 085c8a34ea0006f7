using Aspire.Hosting.ApplicationModel;

namespace LogPartitioning.Tests.AppHost;

public sealed class ContainersModelTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _data = new();
    private TopologyModel _model = null!;

    public async Task InitializeAsync() => _model = await TopologyModel.BuildAsync(
        "--Infrastructure:Mode=Containers",
        // The model is what matters here, not whether this machine could start it.
        "--Infrastructure:ProbeRuntime=false",
        $"--Infrastructure:DataPath={_data.Path}",
        "--Ports:Random=true",
        "--Kafka:Partitions=24");

    public async Task DisposeAsync() => await _model.DisposeAsync();

    public void Dispose() => _data.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Each_broker_joins_one_kraft_cluster_of_three(int id)
    {
        var environment = await _model.EnvironmentAsync($"kafka-{id}");

        var expected = new Dictionary<string, string>
        {
            ["KAFKA_NODE_ID"] = $"{id}",
            ["KAFKA_PROCESS_ROLES"] = "broker,controller",
            ["KAFKA_CONTROLLER_LISTENER_NAMES"] = "CONTROLLER",
            ["KAFKA_CONTROLLER_QUORUM_VOTERS"] = "1@kafka-1:29093,2@kafka-2:29093,3@kafka-3:29093",
            ["KAFKA_LISTENERS"] = "PLAINTEXT_HOST://:9092,PLAINTEXT_INTERNAL://:9093,CONTROLLER://:29093",
            ["KAFKA_ADVERTISED_LISTENERS"] = $"PLAINTEXT_HOST://localhost:{{kafka-{id}.bindings.tcp.port}},PLAINTEXT_INTERNAL://kafka-{id}:9093,CONTROLLER://kafka-{id}:29093",
            ["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"] = "CONTROLLER:PLAINTEXT,PLAINTEXT_HOST:PLAINTEXT,PLAINTEXT_INTERNAL:PLAINTEXT",
            ["KAFKA_INTER_BROKER_LISTENER_NAME"] = "PLAINTEXT_INTERNAL",
            ["KAFKA_NUM_PARTITIONS"] = "24",
            ["KAFKA_DEFAULT_REPLICATION_FACTOR"] = "3",
            ["KAFKA_MIN_INSYNC_REPLICAS"] = "2",
            ["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] = "3",
            ["KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR"] = "3",
            ["KAFKA_TRANSACTION_STATE_LOG_MIN_ISR"] = "2",
            ["KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR"] = "3",
            ["KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR"] = "2",
            ["KAFKA_LOG_DIRS"] = "/var/lib/kafka/data",
            ["KAFKA_HEAP_OPTS"] = "-Xms256m -Xmx512m",
        };
        Assert.All(expected, variable => Assert.Equal(variable.Value, environment[variable.Key]));
    }

    [Fact]
    public async Task All_brokers_have_the_same_cluster_id_of_22_characters()
    {
        var ids = new HashSet<string>();
        foreach (var broker in new[] { "kafka-1", "kafka-2", "kafka-3" })
        {
            ids.Add((await _model.EnvironmentAsync(broker))["CLUSTER_ID"]);
        }

        Assert.Matches("^[A-Za-z0-9_-]{22}$", Assert.Single(ids));
    }

    [Fact]
    public async Task A_broker_gets_no_variable_that_its_image_refuses()
    {
        // The image takes these two, which a reference to a resource named "kafka" would bring, for outdated settings and exits.
        var environment = await _model.EnvironmentAsync("kafka-1");

        Assert.DoesNotContain("KAFKA_HOST", environment.Keys);
        Assert.DoesNotContain("KAFKA_PORT", environment.Keys);
    }

    [Fact]
    public void Brokers_wait_for_nothing_because_each_is_healthy_only_with_the_others()
    {
        foreach (var broker in new[] { "kafka-1", "kafka-2", "kafka-3" })
        {
            Assert.Empty(_model.WaitsFor(broker));
        }
    }

    [Theory]
    [InlineData("kafka-1", "confluentinc/cp-kafka")]
    [InlineData("kafka-2", "confluentinc/cp-kafka")]
    [InlineData("kafka-3", "confluentinc/cp-kafka")]
    [InlineData("postgres", "library/postgres")]
    [InlineData("redis", "library/redis")]
    [InlineData("prometheus", "prom/prometheus")]
    [InlineData("grafana", "grafana/grafana")]
    public void Every_image_is_pinned(string resource, string image)
    {
        var annotation = _model.Image(resource);

        Assert.Equal(image, annotation.Image);
        Assert.Matches(@"\d+\.\d+", annotation.Tag ?? "");
    }

    [Theory]
    [InlineData("producer")]
    [InlineData("consumer-1")]
    [InlineData("consumer-2")]
    [InlineData("consumer-3")]
    [InlineData("gateway")]
    public async Task A_service_gets_three_connection_strings_and_waits_for_all_servers(string service)
    {
        var environment = await _model.EnvironmentAsync(service);

        Assert.Equal("{kafka.connectionString}", environment["ConnectionStrings__kafka"]);
        Assert.Contains("Username=logs_app;Password={logs-app-password.value};Database=logs", environment["ConnectionStrings__logs"], StringComparison.Ordinal);
        Assert.Equal(service.StartsWith("consumer", StringComparison.Ordinal), environment.ContainsKey("ConnectionStrings__logs_owner"));
        Assert.DoesNotContain(environment, variable => variable.Value.Contains("postgres-password", StringComparison.Ordinal));
        Assert.Equal("{redis.connectionString}", environment["ConnectionStrings__redis"]);
        Assert.DoesNotContain("Kafka__BrokerVersion", environment.Keys);
        Assert.Superset(
            new HashSet<string> { "kafka", "logs", "redis" },
            _model.WaitsFor(service).ToHashSet());
    }

    [Fact]
    public async Task The_gateway_finds_the_producer_and_waits_for_it()
    {
        Assert.Contains((await _model.EnvironmentAsync("gateway")).Keys, key => key.StartsWith("services__producer__http", StringComparison.Ordinal));
        Assert.Contains("producer", _model.WaitsFor("gateway"));
    }

    [Theory]
    [InlineData("kafka-1")]
    [InlineData("kafka-2")]
    [InlineData("kafka-3")]
    [InlineData("postgres")]
    public void What_must_outlive_a_container_lies_in_a_volume(string server)
    {
        var volume = Assert.Single(_model.Mounts(server), mount => mount.Type == ContainerMountType.Volume);

        Assert.Equal($"log-partitioning-{server}", volume.Source);
        Assert.False(volume.IsReadOnly);
    }

    [Fact]
    public void Prometheus_and_grafana_read_their_files_and_cannot_change_them()
    {
        var prometheus = Assert.Single(_model.Mounts("prometheus"), mount => mount.Type == ContainerMountType.BindMount);
        Assert.Equal("/etc/prometheus", prometheus.Target);
        Assert.True(prometheus.IsReadOnly);
        Assert.True(File.Exists(Path.Combine(prometheus.Source!, "prometheus.yml")));
        Assert.True(File.Exists(Path.Combine(prometheus.Source!, "rules.alerting.yml")));

        var grafana = _model.Mounts("grafana");
        Assert.Equal(["/etc/grafana/provisioning", "/var/lib/grafana/dashboards"], grafana.Select(mount => mount.Target));
        Assert.All(grafana, mount => Assert.True(mount.IsReadOnly && Directory.Exists(mount.Source)));
    }

    [Fact]
    public async Task Prometheus_reaches_every_service_instance()
    {
        var environment = await _model.EnvironmentAsync("prometheus");

        Assert.Equal(
            // The spare consumers too: 24 partitions have work for 8 instances of 3 workers.
            [.. Enumerable.Range(1, 8).Select(number => $"SCRAPE_CONSUMER_{number}"), "SCRAPE_GATEWAY", "SCRAPE_PRODUCER"],
            environment.Keys.Where(key => key.StartsWith("SCRAPE_", StringComparison.Ordinal)).Order());
    }
}
