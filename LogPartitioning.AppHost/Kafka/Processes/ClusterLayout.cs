namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>What brokers need that run as processes of this machine.</summary>
/// <param name="Java">The Java launcher.</param>
/// <param name="Distribution">The Kafka distribution.</param>
/// <param name="Folder">Where the cluster keeps its data and its configuration.</param>
/// <param name="FirstPort">The preferred port of the first broker; the others follow, then the controllers.</param>
/// <param name="NextPort">Gives a free port: the preferred one, or another one.</param>
/// <param name="DefaultPartitions">How many partitions a topic gets that the brokers create on first use.</param>
internal sealed record KafkaProcessSettings(
    string Java, KafkaDistribution Distribution, string Folder, int FirstPort, Func<int, int> NextPort, int DefaultPartitions);

/// <summary>The brokers of a cluster on this machine: where each listens and keeps its data.</summary>
/// <param name="ClusterId">The cluster's id, 22 characters of base64url; KRaft only.</param>
/// <param name="Brokers">The brokers, ids 1 to N.</param>
internal sealed record ClusterLayout(string ClusterId, IReadOnlyList<BrokerLayout> Brokers);

/// <summary>One broker.</summary>
/// <param name="Id">Its id, from 1.</param>
/// <param name="Name">Its resource's name.</param>
/// <param name="Port">Where clients and other brokers reach it.</param>
/// <param name="ControllerPort">Where the controllers reach each other; KRaft only.</param>
/// <param name="Folder">Its own folder.</param>
internal sealed record BrokerLayout(int Id, string Name, int Port, int? ControllerPort, string Folder)
{
    /// <summary>Where it keeps the logs of its partitions.</summary>
    public string LogFolder => Path.Combine(Folder, "log");

    /// <summary>Its configuration, written before each start.</summary>
    public string PropertiesFile => Path.Combine(Folder, "server.properties");
}
