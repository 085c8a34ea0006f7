namespace LogPartitioning.Producer;

/// <summary>The limits of one request. They are part of the API, so no setting changes them.</summary>
public static class IngestLimits
{
    /// <summary>The most events in a request.</summary>
    public const int MaxEvents = 10_000;

    /// <summary>The largest body of a request, in bytes.</summary>
    public const int MaxBodyBytes = 16 * 1024 * 1024;
}
