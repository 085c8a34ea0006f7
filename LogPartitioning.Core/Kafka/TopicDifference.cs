namespace LogPartitioning.Core.Kafka;

/// <summary>Where a topic is not as the services need it.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Name">What differs: partitions, replicas, or a setting of the topic.</param>
/// <param name="Message">What was found, what is needed, and what follows; one or two sentences.</param>
/// <param name="Remedy">What to do before a service can start; null where it starts all the same.</param>
/// <param name="Meanwhile">What services that run already make of it; null where <paramref name="Message"/> says it.</param>
public sealed record TopicDifference(string Topic, string Name, string Message, string? Remedy = null, string? Meanwhile = null)
{
    /// <summary>What a service says that runs already.</summary>
    public string WhileRunning => Meanwhile is null ? Message : $"{Message} {Meanwhile}";
}
