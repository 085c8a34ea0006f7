using System.Globalization;

namespace LogPartitioning.AppHost.Infrastructure.Processes;

/// <summary>Writes the <c>server.properties</c> of a broker.</summary>
internal static class BrokerProperties
{
    private const string Loopback = "127.0.0.1";

    /// <summary>The lines for <paramref name="broker"/> of <paramref name="layout"/>.</summary>
    public static IReadOnlyList<string> For(KafkaDistribution distribution, ClusterLayout layout, BrokerLayout broker)
    {
        IEnumerable<string> role = distribution.UsesKRaft ? KRaft(distribution, layout, broker) : ZooKeeper(layout, broker);
        return
        [
            .. role,
            $"log.dirs={broker.LogFolder}",
            // A topic that nobody created gets the numbers of the application's topics: on brokers without
            // CreateTopics (before 0.10.1) that is how topics come to be.
            "auto.create.topics.enable=true",
            Number("num.partitions", layout.TopicPartitions),
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
            // Old brokers, coming back after a crash, cut their log at this mark and fetch the rest again;
            // a fresh mark keeps that short.
            "replica.high.watermark.checkpoint.interval.ms=1000",
            "controlled.shutdown.enable=true",
            // The last broker to stop finds nobody to hand over to and would try for 15 s.
            "controlled.shutdown.max.retries=2",
            "controlled.shutdown.retry.backoff.ms=500",
            "num.network.threads=2",
            "num.io.threads=4",
            "num.recovery.threads.per.data.dir=2",
            // The default of 128 MiB is half of this broker's heap.
            "log.cleaner.dedupe.buffer.size=16777216",
            "log.retention.hours=168",
        ];
    }

    private static IEnumerable<string> KRaft(KafkaDistribution distribution, ClusterLayout layout, BrokerLayout broker)
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

    private static IEnumerable<string> ZooKeeper(ClusterLayout layout, BrokerLayout broker)
    {
        yield return Number("broker.id", broker.Id);
        yield return string.Create(CultureInfo.InvariantCulture, $"listeners=PLAINTEXT://{Loopback}:{broker.Port}");
        yield return string.Create(CultureInfo.InvariantCulture, $"zookeeper.connect={Loopback}:{layout.ZooKeeperPort}");
        yield return "zookeeper.session.timeout.ms=6000";
        yield return "zookeeper.connection.timeout.ms=30000";
    }

    private static string Number(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");
}
