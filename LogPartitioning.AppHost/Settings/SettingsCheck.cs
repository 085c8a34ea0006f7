using System.Diagnostics.CodeAnalysis;
using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Machine;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.AppHost.Settings;

/// <summary>Reads <see cref="AppHostSettings"/> from the AppHost's configuration.</summary>
internal static class SettingsCheck
{
    private const int MaxReplicas = 100;
    private const string ResourceLogs = "ResourceLogs";

    // The client library's name for it, and its native library's.
    private static readonly string[] SecurityProtocolNames = ["Kafka:Client:SecurityProtocol", "Kafka:Client:security.protocol"];

    private static readonly string[] s_levels = ["Trace", "Debug", "Information", "Warning", "Error", "Critical"];

    /// <summary>Whether the output of every resource goes to the console, too. Asked before there is a builder, which has to know it.</summary>
    public static bool ShowsResourceLogs(string[] args) =>
        bool.TryParse(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build()[ResourceLogs], out var shows) && shows;

    /// <summary>Reads and checks every setting; on a mistake says each one, in a line of its own, and returns false.</summary>
    public static bool TryReadSettings(this IDistributedApplicationBuilder builder, [NotNullWhen(true)] out AppHostSettings? settings)
    {
        var reader = new SettingsReader(builder.Configuration);
        settings = Read(reader, builder.AppHostDirectory, builder.ExecutionContext.IsPublishMode);
        foreach (var warning in reader.Warnings)
        {
            Console.Error.WriteLine($"warning: {warning}");
        }

        if (settings is not null)
        {
            if (settings.Mode is not InfrastructureMode.External)
            {
                InheritedEnvironment.HideFromOwnServers();
            }

            if (settings.CheckOnly)
            {
                Console.WriteLine($"The settings are right: {settings}. Nothing is started.");
            }

            return true;
        }

        Console.Error.WriteLine("LogPartitioning cannot start:");
        foreach (var problem in reader.Problems)
        {
            Console.Error.WriteLine($"  - {problem}");
        }

        return false;
    }

    /// <summary>The settings, or null when <paramref name="reader"/> has gathered a problem.</summary>
    /// <param name="reader">What to read from.</param>
    /// <param name="appHostDirectory">The AppHost project's folder; relative paths start at the one above it.</param>
    /// <param name="publishing">Whether the model is only written down, so that this machine does not matter.</param>
    internal static AppHostSettings? Read(SettingsReader reader, string appHostDirectory, bool publishing)
    {
        var root = Path.GetFullPath(Path.Combine(appHostDirectory, ".."));
        var mode = ReadMode(reader, publishing);
        var replicas = reader.Number("ConsumerReplicas", 3, 1, MaxReplicas);
        // The services' own setting, which the brokers need too: for topics that they create by themselves.
        var partitions = reader.Number("Kafka:Partitions", 12, 1, 10_000);
        var concurrency = reader.Number("Consumer:Concurrency", 3, 1, 64);
        var topics = new TopicSettings(
            reader.Text("Kafka:Topic") ?? "log-events",
            reader.Text("Kafka:DeadLetterTopic") ?? "log-events.dlq",
            partitions,
            (short)reader.Number("Kafka:ReplicationFactor", 3, 1, 100),
            reader.Number("Kafka:MinInSyncReplicas", 2, 1, 100),
            reader.Time("Kafka:Retention", TimeSpan.FromDays(7), TimeSpan.FromHours(1), TimeSpan.FromDays(3650)));
        if (reader.Time("Kafka:LongestOutage", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(3650)) is var outage && topics.Retention <= outage)
        {
            reader.Problem($"Kafka:Retention must be longer than Kafka:LongestOutage ({outage:c}), or records are deleted before they are stored; it is {topics.Retention:c}.");
        }

        CheckRetention(reader);
        var store = ReadStore(reader, AppHostSettings.InstancesOf(replicas, concurrency, partitions));
        WarnOfIdleWorkers(reader, replicas, concurrency, partitions);
        var restart = reader.Switch("Restart:Enabled", true);
        var storesOwnLogs = reader.Switch("StoreOwnLogs", false);
        var checkOnly = reader.Switch("CheckOnly", false);
        RequireKeysBeyondLoopback(reader);
        _ = reader.Switch(ResourceLogs, false);
        var dataPath = Path.GetFullPath(reader.Text("Infrastructure:DataPath") ?? ".data", root);
        var ports = ReadPorts(reader, publishing);
        foreach (var problem in ServiceSettings.Problems(reader.Configuration))
        {
            reader.Problem(problem);
        }

        var servers = mode is InfrastructureMode.Processes ? InstalledServers.Find(reader) : null;
        if (mode is InfrastructureMode.External)
        {
            RequireConnectionStrings(reader);
        }
        else if (SecurityProtocol(reader) is { } secure)
        {
            reader.Problem($"{secure} is for brokers of your own, but Infrastructure:Mode is {mode}, whose brokers speak plain text on this machine. Leave it out, or set Infrastructure:Mode to External.");
        }
        else if (!publishing && reader.Problems.Count == 0)
        {
            DataFolder.Take(dataPath, reader);
            CheckKafkaFolder(reader, dataPath, servers);
        }

        return reader.Problems.Count > 0
            ? null
            : new AppHostSettings(
                mode,
                replicas,
                concurrency,
                topics,
                store,
                restart,
                storesOwnLogs,
                checkOnly,
                dataPath,
                ports,
                new LoopbackPorts(ports.Random, ports.Gateway),
                servers,
                mode is InfrastructureMode.Containers ? null : InstalledServers.FindPrometheus(reader),
                ServiceSettings.In(reader.Configuration),
                ServiceSettings.OfKestrelIn(reader.Configuration),
                reader.Text(ServiceSettings.ServiceKey));
    }

    /// <summary>The services' own settings, which would stop each of them: said here, once.</summary>
    private static void CheckRetention(SettingsReader reader)
    {
        var days = reader.Number("Store:RetentionDays", 30, 1, 3650);
        _ = reader.Time("Store:MaxTimestampLead", TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
        if (reader.Number("Store:IdWindowDays", 7, 1, 3650) is var window && window > days)
        {
            reader.Problem($"Store:IdWindowDays must be at most Store:RetentionDays ({days}); it is {window}.");
        }

        foreach (var level in reader.Configuration.GetSection("Store:RetentionDaysByLevel").GetChildren())
        {
            if (!s_levels.Contains(level.Key, StringComparer.OrdinalIgnoreCase))
            {
                reader.Problem($"{level.Path} names no level; there are {string.Join(", ", s_levels)}.");
            }
            else if (reader.Number(level.Path, days, 1, 3650) is var kept && kept > days)
            {
                reader.Problem($"{level.Path} must be at most Store:RetentionDays ({days}); it is {kept}.");
            }
        }
    }

    /// <summary>What one server takes, shared out among the services, so that together they cannot want more than it has.</summary>
    private static StoreSettings ReadStore(SettingsReader reader, int consumers)
    {
        const string Name = "Infrastructure:PostgresConnections";
        // The AppHost's own checks, and whoever comes with psql.
        const int Others = 10;
        const int FewestForService = 5;
        const int Most = 10_000;
        var services = consumers + 2;
        var fewest = (services * FewestForService) + Others;
        var connections = reader.Number(Name, Math.Max(300, (services * 2 * FewestForService) + Others), 20, Most);
        if (connections < fewest)
        {
            reader.Problem($"{Name} is {connections}, which is too few for a gateway, a producer and {consumers} consumers: {FewestForService} for each and {Others} for others make {fewest}.");
        }

        return new(connections, Math.Min(100, (connections - Others) / services));
    }

    private static InfrastructureMode ReadMode(SettingsReader reader, bool publishing)
    {
        var mode = reader.OneOf("Infrastructure:Mode", InfrastructureMode.Auto);
        if (publishing)
        {
            return mode is InfrastructureMode.Auto ? InfrastructureMode.Containers : mode;
        }

        var probe = reader.Switch("Infrastructure:ProbeRuntime", true);
        if (mode is InfrastructureMode.Auto)
        {
            return probe && ContainerRuntime.WhatIsMissing() is null ? InfrastructureMode.Containers : InfrastructureMode.Processes;
        }

        if (mode is InfrastructureMode.Containers && probe && ContainerRuntime.WhatIsMissing() is { } missing)
        {
            reader.Problem($"Infrastructure:Mode is Containers, but {missing}. Install what is missing, or set Infrastructure:Mode to Processes (servers installed on this machine) or Auto.");
        }

        return mode;
    }

    private static PortSettings ReadPorts(SettingsReader reader, bool publishing)
    {
        var random = reader.Switch("Ports:Random", false);
        var ports = new PortSettings(
            random ? null : Port("Gateway", 8080),
            Port("OtlpHttp", 4318),
            Port("OtlpGrpc", 4317),
            Port("Kafka", 9092),
            Port("Postgres", 5432),
            Port("Redis", 6379),
            Port("Prometheus", 9090),
            Port("Grafana", 3000),
            random);
        if (ports.Gateway is { } gateway && !publishing && !LoopbackPorts.IsFree(gateway))
        {
            reader.Problem($"Port {gateway}, where the gateway listens, is in use. Stop what uses it, or set Ports:Gateway (environment variable Ports__Gateway) to another port.");
        }

        foreach (var port in publishing ? [] : DashboardAddress.Addresses(reader.Configuration).Select(address => address.Port).Where(port => port != 0 && !LoopbackPorts.IsFree(port)))
        {
            reader.Problem($"Port {port}, where the dashboard listens, is in use. Stop what uses it (another Aspire application, perhaps), or set ASPNETCORE_URLS, ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL and ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL to other addresses.");
        }

        return ports;

        int Port(string name, int otherwise) => reader.Number($"Ports:{name}", otherwise, 1, 65_535);
    }

    private static void WarnOfIdleWorkers(SettingsReader reader, int replicas, int concurrency, int partitions)
    {
        var workers = replicas * concurrency;
        if (workers > partitions)
        {
            reader.Warning($"ConsumerReplicas {replicas} with Consumer:Concurrency {concurrency} makes {workers} workers for {partitions} partitions; {workers - partitions} of them will have nothing to do.");
        }
    }

    private static void CheckKafkaFolder(SettingsReader reader, string dataPath, InstalledServers? servers)
    {
        if (servers is null || reader.Problems.Count > 0)
        {
            return;
        }

        var folder = AppHostSettings.KafkaFolder(dataPath);
        if ((KafkaDistribution.PathProblem(servers.Kafka.Home, folder) ?? KafkaDataFolder.Problem(folder, servers.Kafka)) is { } problem)
        {
            reader.Problem(problem);
        }
    }

    /// <summary>The setting that makes the services' clients speak anything but plain text, or null.</summary>
    private static string? SecurityProtocol(SettingsReader reader) =>
        SecurityProtocolNames.FirstOrDefault(name => reader.Text(name) is { } protocol && !protocol.Equals("Plaintext", StringComparison.OrdinalIgnoreCase));

    /// <summary>The gateway would refuse by itself; said here, it is one line, and nothing has been started.</summary>
    private static void RequireKeysBeyondLoopback(SettingsReader reader)
    {
        var keys = reader.Configuration.GetSection("ApiKeys");
        var addresses = reader.Configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>()
            .Where(url => !(Uri.TryCreate(url, UriKind.Absolute, out var address) && address.IsLoopback))
            .ToList();
        if (addresses.Count > 0 && !keys.GetSection("Keys").GetChildren().Any() && reader.Text("ApiKeys:File") is null && !reader.Switch("ApiKeys:TrustedNetwork", false))
        {
            reader.Problem($"The gateway is to listen on {string.Join(" and ", addresses)}, which others can reach, and ApiKeys names no key. Name keys (ApiKeys:File), listen on loopback alone, or set ApiKeys:TrustedNetwork to true if everybody who reaches it may do everything.");
        }
    }

    private static void RequireConnectionStrings(SettingsReader reader)
    {
        (string Name, string Example)[] needed =
        [
            ("kafka", "broker-1:9092,broker-2:9092,broker-3:9092"),
            ("logs", "Host=db;Username=…;Password=…;Database=logs"),
            ("redis", "cache:6379,password=…"),
        ];
        foreach (var (name, example) in needed)
        {
            if (string.IsNullOrWhiteSpace(reader.Configuration.GetConnectionString(name)))
            {
                reader.Problem($"Infrastructure:Mode is External, but ConnectionStrings:{name} (environment variable ConnectionStrings__{name}) is not set; for example \"{example}\".");
            }
        }
    }
}
