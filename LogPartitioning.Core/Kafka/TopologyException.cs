namespace LogPartitioning.Core.Kafka;

/// <summary>A topic stands with other numbers than the settings ask for. Waiting does not help: somebody has to decide.</summary>
public sealed class TopologyException : Exception
{
    /// <summary>Says which number of which topic differs.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="number">What is counted: partitions, replicas, min.insync.replicas.</param>
    /// <param name="setting">The setting that asks for <paramref name="expected"/>.</param>
    /// <param name="expected">The number that the setting asks for.</param>
    /// <param name="found">The number that the brokers report.</param>
    public TopologyException(string topic, string number, string setting, int expected, int found)
        : base($"Topic \"{topic}\" has {number} {found}, but {setting} says {expected}. "
            + "Change the setting, or the topic with the brokers' own tools, and start again.")
    {
        Topic = topic;
        Number = number;
        Expected = expected;
        Found = found;
    }

    /// <summary>The topic.</summary>
    public string Topic { get; }

    /// <summary>What is counted: partitions, replicas or min.insync.replicas.</summary>
    public string Number { get; }

    /// <summary>The number that the settings ask for.</summary>
    public int Expected { get; }

    /// <summary>The number that the brokers report.</summary>
    public int Found { get; }
}
