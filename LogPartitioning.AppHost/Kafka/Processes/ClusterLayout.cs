namespace LogPartitioning.AppHost.Kafka.Processes;

/// <summary>The brokers of a cluster on this machine: where each listens and keeps its data.</summary>
/// <param name="Folder">The folder of the whole cluster.</param>
/// <param name="ClusterId">The cluster's id, 22 characters of base64url; KRaft only.</param>
/// <param name="Brokers">The brokers, ids 1 to N.</param>
/// <param name="DefaultPartitions">How many partitions a topic gets that nobody created.</param>
internal sealed record ClusterLayout(string Folder, string ClusterId, IReadOnlyList<BrokerLayout> Brokers, int DefaultPartitions);

/// <summary>One broker.</summary>
/// <param name="Id">Its id, from 1.</param>
/// <param name="Name">Its resource's name.</param>
/// <param name="Port">Where clients and other brokers reach it.</param>
/// <param name="ControllerPort">Where the controllers reach each other; KRaft only.</param>
/// <param name="Folder">Its own folder.</param>
internal sealed record BrokerLayout(int Id, string Name, int Port, int? ControllerPort, string Folder)
{
    /// <summary>Where its partitions lie.</summary>
    public string LogFolder => Path.Combine(Folder, "log");

    /// <summary>Its configuration, written before each start.</summary>
    public string PropertiesFile => Path.Combine(Folder, "server.properties");
}
