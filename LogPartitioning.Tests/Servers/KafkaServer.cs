using Confluent.Kafka;
using LogPartitioning.AppHost.Kafka.Processes;
using LogPartitioning.AppHost.Machine;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.Servers;

/// <summary>
/// One broker of the tests' own, in a temporary folder, on random ports of loopback, gone at the end. It listens twice: without
/// a word, and with TLS for those who bring the password of a SCRAM user.
/// </summary>
public sealed class KafkaServer : IAsyncLifetime
{
    /// <summary>The one user.</summary>
    internal const string User = "logs";

    /// <summary>Its password.</summary>
    internal const string Password = "pass=word with blanks";

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("log-partitioning-kafka-");
    private ChildProgram? _broker;
    private int _topics;

    /// <summary>Where the broker listens in plain text.</summary>
    internal string BootstrapServers { get; private set; } = "";

    /// <summary>Where it listens with TLS and SASL.</summary>
    internal string SecureBootstrapServers { get; private set; } = "";

    /// <summary>What the secure listener shows.</summary>
    internal ServerCertificate Certificate { get; private set; } = null!;

    /// <summary>Why tests with this server are skipped, or null.</summary>
    internal static string? WhyNot =>
        InstalledServersProbe.WhatIsMissing is { } missing ? (InstalledServersProbe.OnCi ? null : missing)
        : InstalledServersProbe.Servers.Kafka.UsesKRaft ? null
        : $"Kafka {InstalledServersProbe.Servers.Kafka.Version} is too old: this needs 3.3 or later.";

    public async Task InitializeAsync()
    {
        if (WhyNot is not null)
        {
            return; // the tests are skipped
        }

        var servers = InstalledServersProbe.Servers;
        var ports = new LoopbackPorts(random: true);
        var (port, securePort) = (ports.Any(), ports.Any());
        BootstrapServers = $"127.0.0.1:{port}";
        SecureBootstrapServers = $"127.0.0.1:{securePort}";
        Certificate = ServerCertificate.CreateIn(_folder.FullName);
        var broker = new BrokerLayout(1, "kafka-1", port, ports.Any(), Path.Combine(_folder.FullName, "broker"));
        Directory.CreateDirectory(broker.Folder);
        var layout = new ClusterLayout(KRaftStorage.ClusterIdIn(_folder.FullName), [broker]);
        var settings = new KafkaProcessSettings(servers.Java, servers.Kafka, _folder.FullName, port, ports.Next, DefaultPartitions: 1);
        var properties = BrokerProperties.KRaft(servers.Kafka, layout, broker).With(BrokerProperties.Common(settings, layout, broker));
        properties["listeners"] = $"PLAINTEXT://{BootstrapServers},SECURE://{SecureBootstrapServers},CONTROLLER://127.0.0.1:{broker.ControllerPort}";
        properties["advertised.listeners"] = $"PLAINTEXT://{BootstrapServers},SECURE://{SecureBootstrapServers}";
        properties["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL";
        properties["sasl.enabled.mechanisms"] = "SCRAM-SHA-512";
        properties["listener.name.secure.scram-sha-512.sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        properties["listener.name.secure.ssl.keystore.type"] = "PEM";
        properties["listener.name.secure.ssl.keystore.location"] = Certificate.KeyAndCertificateFile;
        await properties.WriteAsync(broker.PropertiesFile, CancellationToken.None);
        var program = new JavaProgram(servers.Kafka, broker.Folder);
        await program.WriteLogConfigurationAsync(CancellationToken.None);
        await ChildProgram.RunAsync(servers.Java, program.Arguments(
            "64m", [], "kafka.tools.StorageTool", "format", "--cluster-id", layout.ClusterId, "--config", broker.PropertiesFile,
            "--add-scram", $"SCRAM-SHA-512=[name={User},password=\"{Password}\"]"));
        _broker = ChildProgram.Start(servers.Java, program.Arguments("256m", [], "kafka.Kafka", broker.PropertiesFile));
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).SetLogHandler(static (_, _) => { }).Build();
        await Eventually.SeesAsync($"a broker at {BootstrapServers}", token => Task.Run(() => Answer(admin), token), problem => problem.Length == 0, StartDeadline);
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.KillAsync();
            _broker.Dispose();
        }

        _folder.Delete(recursive: true);
    }

    /// <summary>The name of a topic that no other test has.</summary>
    internal string NewTopic() => $"test-{Interlocked.Increment(ref _topics)}";

    private string Answer(IAdminClient admin)
    {
        Assert.False(_broker!.HasExited, $"The broker ended: {_broker.Output}");
        try
        {
            return admin.GetMetadata(TimeSpan.FromSeconds(2)).Brokers.Count == 1 ? "" : "it lists no broker";
        }
        catch (KafkaException e)
        {
            return e.Error.Reason;
        }
    }
}

/// <summary>The tests that share one broker.</summary>
[CollectionDefinition(Name)]
public sealed class KafkaTests : ICollectionFixture<KafkaServer>
{
    public const string Name = "Kafka";
}
