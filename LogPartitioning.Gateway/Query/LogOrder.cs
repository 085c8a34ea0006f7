namespace LogPartitioning.Gateway.Query;

/// <summary>Which events come first: by timestamp, and by their place where it is the same.</summary>
internal enum LogOrder : byte
{
    /// <summary>The oldest.</summary>
    Oldest = 0,

    /// <summary>The newest.</summary>
    Newest = 1,
}
