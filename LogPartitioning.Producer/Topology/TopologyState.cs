using LogPartitioning.Core.Kafka;

namespace LogPartitioning.Producer.Topology;

/// <summary>Whether the topics are known to be as the settings want them. Before that nothing is sent: asking an old broker
/// about a topic creates it.</summary>
internal sealed class TopologyState
{
    private readonly TaskCompletionSource _firstLook = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isReady;
    private volatile string _problem = "The brokers have not answered yet.";
    private volatile string _detail = "The topics are not checked yet.";
    private volatile IReadOnlyList<TopicDifference> _differences = [];

    public bool IsReady => _isReady;

    /// <summary>Ends with the first look at the topics, which comes some moments after the start.</summary>
    public Task FirstLook => _firstLook.Task;

    /// <summary>Why nothing is taken yet, for those who send events.</summary>
    public string Problem => _problem;

    /// <summary>The same for those who run the service: with addresses and the client's own words.</summary>
    public string Detail => _detail;

    /// <summary>Where the topics were seen to differ from what the services need.</summary>
    public IReadOnlyList<TopicDifference> Differences => _differences;

    /// <summary>The topics could not be checked, and are about to be tried again.</summary>
    /// <param name="detail">Why.</param>
    /// <param name="isAnswer">Whether that is the brokers' answer and names no address.</param>
    public void SetWaiting(string detail, bool isAnswer)
    {
        _problem = isAnswer ? $"The topics are not ready: {detail.TrimEnd('.')}." : "The brokers do not answer.";
        _detail = $"The topics cannot be checked yet: {detail.TrimEnd('.')}.";
        _firstLook.TrySetResult();
    }

    public void SetReady(IReadOnlyList<TopicDifference> differences)
    {
        _differences = differences;
        _isReady = true;
        _firstLook.TrySetResult();
    }
}
