using System.Globalization;

namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>Writes the <c>server.properties</c> of a broker.</summary>
internal static class BrokerProperties
{
    /// <summary>Where everything listens.</summary>
    public const string Loopback = "127.0.0.1";

    /// <summary>What every broker is told, whatever its version.</summary>
    public static IReadOnlyList<string> Common(ClusterLayout layout, BrokerLayout broker) =>
        [
            $"log.dirs={broker.LogFolder}",
            // A topic that nobody created gets the numbers of the application's topics.
            "auto.create.topics.enable=true",
            Number("num.partitions", layout.DefaultPartitions),
            Number("default.replication.factor", layout.Brokers.Count),
            Number("min.insync.replicas", Math.Min(2, layout.Brokers.Count)),
            "unclean.leader.election.enable=false",
            "delete.topic.enable=true",
            Number("offsets.topic.replication.factor", layout.Brokers.Count),
            // One group with a few dozen members; the default of 50 would only cost files and time.
            "offsets.topic.num.partitions=6",
            // 64 KiB of message can become 6 times as much in JSON, and attributes come on top.
            "message.max.bytes=2097152",
            "replica.fetch.max.bytes=4194304",
            "group.min.session.timeout.ms=1000",
            "group.max.session.timeout.ms=300000",
            "num.network.threads=2",
            "num.io.threads=4",
            "num.recovery.threads.per.data.dir=2",
            // The default of 128 MiB is half of this broker's heap.
            "log.cleaner.dedupe.buffer.size=16777216",
            "log.retention.hours=168",
        ];

    /// <summary>What makes a broker a member of a KRaft cluster, and one of its controllers.</summary>
    public static IEnumerable<string> KRaft(KafkaDistribution distribution, ClusterLayout layout, BrokerLayout broker)
    {
        var voters = layout.Brokers.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Id}@{Loopback}:{b.ControllerPort}"));
        yield return "process.roles=broker,controller";
        yield return Number("node.id", broker.Id);
        yield return $"controller.quorum.voters={string.Join(",", voters)}";
        yield return "controller.listener.names=CONTROLLER";
        yield return string.Create(CultureInfo.InvariantCulture, $"listeners=PLAINTEXT://{Loopback}:{broker.Port},CONTROLLER://{Loopback}:{broker.ControllerPort}");
        yield return string.Create(CultureInfo.InvariantCulture, $"advertised.listeners=PLAINTEXT://{Loopback}:{broker.Port}");
        yield return "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT";
        yield return "inter.broker.listener.name=PLAINTEXT";
        yield return Number("transaction.state.log.replication.factor", layout.Brokers.Count);
        yield return Number("transaction.state.log.min.isr", Math.Min(2, layout.Brokers.Count));
        yield return "transaction.state.log.num.partitions=6";
        if (distribution.Version.Major >= 4)
        {
            yield return Number("share.coordinator.state.topic.replication.factor", layout.Brokers.Count);
            yield return Number("share.coordinator.state.topic.min.isr", Math.Min(2, layout.Brokers.Count));
        }
    }

    /// <summary>A line with a number.</summary>
    public static string Number(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");
}
