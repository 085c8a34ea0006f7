using System.ComponentModel.DataAnnotations;
using System.Net;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>Where syslog is taken in, and what becomes an event's source: configuration section <c>Producer:Syslog</c>.</summary>
public sealed class SyslogOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Producer:Syslog";

    /// <summary>The address to listen on for connections, as <c>host:port</c>; a port alone is on loopback. Empty: none.</summary>
    public string? Tcp { get; set; }

    /// <summary>The address to take datagrams at, in the same form. Empty: none.</summary>
    public string? Udp { get; set; }

    /// <summary>What the source of an event is, and with it the unit of order: <c>app</c>, <c>host</c> or <c>host/app</c>.</summary>
    public string Source { get; set; } = SourceChoices.App;

    /// <summary>The address of <see cref="Tcp"/>; null where nothing listens. It is one that was validated.</summary>
    internal IPEndPoint? TcpAddress => string.IsNullOrEmpty(Tcp) ? null : ListenAddress.Parse(Tcp);

    /// <summary>The address of <see cref="Udp"/>; null where nothing listens. It is one that was validated.</summary>
    internal IPEndPoint? UdpAddress => string.IsNullOrEmpty(Udp) ? null : ListenAddress.Parse(Udp);

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, address) in new[] { (nameof(Tcp), Tcp), (nameof(Udp), Udp) })
        {
            if (!string.IsNullOrEmpty(address) && !ListenAddress.TryParse(address, out _))
            {
                yield return new($"{Section}:{name} must be {ListenAddress.Form}; it is {address}.", [name]);
            }
        }

        if (!SourceChoices.TryParse(Source, out _))
        {
            yield return new($"{Section}:{nameof(Source)} must be {SourceChoices.Form}; it is {Source}.", [nameof(Source)]);
        }
    }
}
