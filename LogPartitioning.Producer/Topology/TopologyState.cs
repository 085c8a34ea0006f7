namespace LogPartitioning.Producer.Topology;

/// <summary>Whether the topics are known to be as the settings want them. Before that nothing is sent: asking an old broker
/// about a topic creates it.</summary>
internal sealed class TopologyState
{
    private volatile bool _isReady;

    public bool IsReady => _isReady;

    public void SetReady() => _isReady = true;
}
