using System.ComponentModel.DataAnnotations;

namespace LogPartitioning.Gateway;

/// <summary>What the one public door lets in. Configuration section <c>Gateway</c>.</summary>
internal sealed class GatewayOptions : IValidatableObject
{
    public const string Section = "Gateway";

    /// <summary>Requests a second that one client address may send; 1 to 1,000,000, default 5,000.</summary>
    public int RequestsPerSecond { get; set; } = 5000;

    /// <summary>Requests that one client address may send at once after a rest; at least <see cref="RequestsPerSecond"/>, default 10,000.</summary>
    public int Burst { get; set; } = 10_000;

    /// <summary>Requests served at the same time over all clients; further ones get 503. 1 to 100,000, default 1,000.</summary>
    public int ConcurrentRequests { get; set; } = 1000;

    /// <summary>The largest body in bytes; 1 KiB to 1 GiB, default 16 MiB, which is what the producer takes.</summary>
    public long MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How long the producer may be silent while it answers; 1 s to 10 min, default 100 s (its own delivery timeout is shorter).</summary>
    public TimeSpan ProducerTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long a request whose events have ids of what was sent waits here, and is sent again, where the producer cannot be reached or its connection breaks before
    /// an answer; 0 to 5 min, default 20 s, which is longer than a producer takes to start again. 0: it is answered at once.
    /// </summary>
    public TimeSpan ResendTime { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Where the producer is: an address, or a name that service discovery knows.</summary>
    public string Producer { get; set; } = "http://producer";

    /// <summary>Where to listen for OTLP over HTTP, beside the gateway's own address: <c>host:port</c>, 4318 by custom. Empty: nowhere.</summary>
    public string OtlpHttp { get; set; } = "";

    /// <summary>Where to listen for OTLP over gRPC without TLS: <c>host:port</c>, 4317 by custom. Empty: nowhere; an address with TLS takes gRPC as well.</summary>
    public string OtlpGrpc { get; set; } = "";

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (RequestsPerSecond is < 1 or > 1_000_000)
        {
            yield return Problem(nameof(RequestsPerSecond), $"must be between 1 and 1000000, and is {RequestsPerSecond}");
        }

        if (Burst < RequestsPerSecond)
        {
            yield return Problem(nameof(Burst), $"must be at least {nameof(RequestsPerSecond)} ({RequestsPerSecond}), and is {Burst}");
        }

        if (ConcurrentRequests is < 1 or > 100_000)
        {
            yield return Problem(nameof(ConcurrentRequests), $"must be between 1 and 100000, and is {ConcurrentRequests}");
        }

        if (MaxBodyBytes is < 1024 or > 1024 * 1024 * 1024)
        {
            yield return Problem(nameof(MaxBodyBytes), $"must be between 1024 and 1073741824, and is {MaxBodyBytes}");
        }

        if (ProducerTimeout < TimeSpan.FromSeconds(1) || ProducerTimeout > TimeSpan.FromMinutes(10))
        {
            yield return Problem(nameof(ProducerTimeout), $"must be between 00:00:01 and 00:10:00, and is {ProducerTimeout}");
        }

        if (ResendTime < TimeSpan.Zero || ResendTime > TimeSpan.FromMinutes(5))
        {
            yield return Problem(nameof(ResendTime), $"must be between 00:00:00 and 00:05:00, and is {ResendTime}");
        }

        foreach (var (name, address) in new[] { (nameof(OtlpHttp), OtlpHttp), (nameof(OtlpGrpc), OtlpGrpc) })
        {
            if (address.Length > 0 && (!Uri.TryCreate($"http://{address}", UriKind.Absolute, out var url) || url.PathAndQuery != "/" || url.UserInfo.Length > 0 || !address.EndsWith($":{url.Port}", StringComparison.Ordinal)))
            {
                yield return Problem(name, $"must be host:port, e.g. 127.0.0.1:4318, and is \"{address}\"");
            }
        }

        if (!Uri.TryCreate(Producer, UriKind.Absolute, out var producer) || (producer.Scheme != Uri.UriSchemeHttp && producer.Scheme != Uri.UriSchemeHttps) || producer.PathAndQuery != "/")
        {
            yield return Problem(nameof(Producer), $"must be an http or https address without a path, and is \"{Producer}\"");
        }
    }

    private static ValidationResult Problem(string setting, string rule) => new($"{Section}:{setting} {rule}.", [setting]);
}
