using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.ServiceDefaults.OwnLogs;

/// <summary>Whether a service sends its own logs into the system, as any other program may. Configuration section <c>OwnLogs</c>.</summary>
internal sealed class OwnLogsOptions : IValidatableObject
{
    public const string Section = "OwnLogs";

    /// <summary>The gateway's address, to whose <c>/v1/logs</c> they are sent. Empty: nowhere.</summary>
    public string Gateway { get; set; } = "";

    /// <summary>The least level that is sent; default <c>Information</c>. Levels under <c>Logging:LogLevel</c> come before it.</summary>
    public LogLevel MinimumLevel { get; set; } = LogLevel.Information;

    /// <summary>How many are sent a second over a longer time; 1 to 1,000, default 20. After a rest there may be a minute's worth at once; what is beyond is counted and left out.</summary>
    public int MaxPerSecond { get; set; } = 20;

    /// <summary>Where they are sent.</summary>
    public Uri Endpoint => new(new Uri(Gateway), "/v1/logs");

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Gateway.Length > 0 && (!Uri.TryCreate(Gateway, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps) || address.PathAndQuery != "/" || address.UserInfo.Length > 0))
        {
            yield return Problem(nameof(Gateway), $"must be an http or https address without a path, and is \"{Gateway}\"");
        }

        if (!Enum.IsDefined(MinimumLevel) || MinimumLevel == LogLevel.None)
        {
            yield return Problem(nameof(MinimumLevel), $"must be Trace, Debug, Information, Warning, Error or Critical, and is {MinimumLevel}");
        }

        if (MaxPerSecond is < 1 or > 1000)
        {
            yield return Problem(nameof(MaxPerSecond), $"must be between 1 and 1000, and is {MaxPerSecond}");
        }
    }

    private static ValidationResult Problem(string property, string rule) => new($"{Section}:{property} {rule}.", [property]);
}
