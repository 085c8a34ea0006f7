using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults;

/// <summary>The header <c>Retry-After</c>: when a client may try again what was refused.</summary>
public static class RetryAfter
{
    /// <summary>For what is over as soon as a queue has room, or another service is up again; 2 s.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    /// <summary>For what waits for brokers or the database; 5 s.</summary>
    public static readonly TimeSpan WhenBack = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For clients that try five times and then drop what they have, as exporters of OpenTelemetry for JavaScript do, while a service is started again; 10 s,
    /// five times which is longer than that takes.
    /// </summary>
    public static readonly TimeSpan AfterRestart = TimeSpan.FromSeconds(10);

    /// <summary>Sets the header, in whole seconds.</summary>
    public static void SetRetryAfter(this HttpResponse response, TimeSpan wait)
    {
        ArgumentNullException.ThrowIfNull(response);
        response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
    }
}
