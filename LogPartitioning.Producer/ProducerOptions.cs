using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Producer;

/// <summary>How requests are taken in and records sent: configuration section <c>Producer</c>.</summary>
public sealed class ProducerOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer";

    /// <summary>How long a request waits for the brokers' acknowledgements before it is answered 503; 3 s to 5 min.</summary>
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a record waits for others to share its request to a broker, in milliseconds; 0 to 1,000. With 0 it waits for nobody where
    /// the broker is idle, and else for an earlier request's answer; while many requests are at work it waits 5 ms.</summary>
    public int LingerMs { get; set; }

    /// <summary>The most records waiting for acknowledgement, over all requests; 10,000 to 10,000,000.</summary>
    public int MaxQueuedRecords { get; set; } = 100_000;

    /// <summary>The most kilobytes of records waiting for acknowledgement, over all requests; 20,480 to 2,097,151.</summary>
    public int MaxQueuedKilobytes { get; set; } = 131_072;

    /// <summary>The most requests worked on at once; 1 to 10,000.</summary>
    public int MaxConcurrentRequests { get; set; } = 64;

    /// <summary>The most requests waiting for their turn; more are answered 503. 0 to 100,000.</summary>
    public int MaxWaitingRequests { get; set; } = 256;

    /// <summary>The most bytes of request bodies held at once; more are answered 503. 16 MiB to 16 GiB. The process may need
    /// about three times as much: the body's buffers, the records made from it, and the queue.</summary>
    public long MaxBufferedBytes { get; set; } = 64L * 1024 * 1024;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DeliveryTimeout < TimeSpan.FromSeconds(3) || DeliveryTimeout > TimeSpan.FromMinutes(5))
        {
            yield return Broken(nameof(DeliveryTimeout), "00:00:03 to 00:05:00", DeliveryTimeout);
        }

        foreach (var (name, value, least, most) in new (string, long, long, long)[]
        {
            (nameof(LingerMs), LingerMs, 0, 1_000),
            (nameof(MaxQueuedRecords), MaxQueuedRecords, 10_000, 10_000_000),
            (nameof(MaxQueuedKilobytes), MaxQueuedKilobytes, 20_480, 2_097_151),
            (nameof(MaxConcurrentRequests), MaxConcurrentRequests, 1, 10_000),
            (nameof(MaxWaitingRequests), MaxWaitingRequests, 0, 100_000),
            (nameof(MaxBufferedBytes), MaxBufferedBytes, IngestLimits.MaxBodyBytes, 16L * 1024 * 1024 * 1024),
        })
        {
            if (value < least || value > most)
            {
                yield return Broken(name, FormattableString.Invariant($"{least} to {most}"), value);
            }
        }
    }

    private static ValidationResult Broken(string name, string range, object value) =>
        new(FormattableString.Invariant($"{Section}:{name} must be {range}; it is {value}."), [name]);
}
