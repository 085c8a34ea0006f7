namespace LogPartitioning.LoadTest.Sending;

/// <summary>How requests are made and how long one keeps trying.</summary>
internal sealed record SendingOptions
{
    /// <summary>The gateway of a local run.</summary>
    public static Uri DefaultGateway { get; } = new("http://127.0.0.1:8080");

    /// <summary>The gateway. Loopback unless the caller names another.</summary>
    public Uri Gateway { get; init; } = DefaultGateway;

    /// <summary>Events in one request, 1 to 10,000.</summary>
    public int Batch { get; init; } = 100;

    /// <summary>Requests in flight at most, 1 to 256. Each source has one in flight at a time, so that its order is defined.</summary>
    public int Concurrency { get; init; } = 8;

    /// <summary>Time for one request, above 0. After it the outcome is unknown and the events are sent again.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>
    /// How long an event is sent again before it is given up, from its first attempt. An outage longer than this
    /// leaves events with an unknown outcome.
    /// </summary>
    public TimeSpan GiveUp { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Everything that is wrong with these options, in words; none when they are valid.</summary>
    public IEnumerable<string> Problems() => new[]
    {
        Gateway is { IsAbsoluteUri: true, Scheme: "http" or "https" } ? null : $"The gateway must be an http or https address; \"{Gateway}\" is not.",
        Batch is >= 1 and <= EventBatch.MaxEvents ? null : $"The batch must be 1 to {EventBatch.MaxEvents:N0} events; it is {Batch}.",
        Concurrency is >= 1 and <= 256 ? null : $"The concurrency must be 1 to 256 requests; it is {Concurrency}.",
        RequestTimeout > TimeSpan.Zero ? null : "The request timeout must be above 0.",
        GiveUp > TimeSpan.Zero ? null : "The time after which an event is given up must be above 0.",
    }.OfType<string>();
}
