namespace LogPartitioning.Core.Kafka;

/// <summary>A topic is not as the services need it. Waiting does not help: somebody has to decide.</summary>
public sealed class TopologyException : Exception
{
    /// <summary>Says what differs and what to do.</summary>
    /// <param name="differences">Those that have a remedy.</param>
    public TopologyException(IReadOnlyList<TopicDifference> differences)
        : base(string.Join(" ", (differences ?? throw new ArgumentNullException(nameof(differences))).Select(difference => $"{difference.Message} {difference.Remedy}"))) =>
        Differences = differences;

    /// <summary>What differs.</summary>
    public IReadOnlyList<TopicDifference> Differences { get; }
}
