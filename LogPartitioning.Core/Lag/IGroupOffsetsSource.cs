namespace LogPartitioning.Core.Lag;

/// <summary>Where readings of a group's offsets come from: the brokers, or a test.</summary>
public interface IGroupOffsetsSource
{
    /// <summary>The consumer group.</summary>
    string Group { get; }

    /// <summary>The topic.</summary>
    string Topic { get; }

    /// <summary>Reads where the topic ends and how far the group has committed, for every partition of the topic.</summary>
    /// <exception cref="GroupOffsetsException">The brokers did not answer, or not for every partition.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken);
}

/// <summary>A group's offsets could not be read.</summary>
public sealed class GroupOffsetsException : Exception
{
    /// <summary>With the reason and its cause, if there is one.</summary>
    public GroupOffsetsException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
