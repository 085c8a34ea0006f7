using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>How large the body of a request may be.</summary>
public sealed class BodyLimits
{
    /// <summary>The most bytes; 16 MiB unless the service says otherwise.</summary>
    public long MaxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many bodies may be on their way at once; beyond that the slowest is cut off for each that comes, and where none is slow
    /// there may be twice as many.
    /// </summary>
    public int MaxArriving { get; set; } = 1000;

    /// <summary>What is thrown where a body has more.</summary>
    internal static BadHttpRequestException TooLarge(long maxBytes) => new(Rule(maxBytes), StatusCodes.Status413PayloadTooLarge);

    internal static string Rule(long maxBytes) => string.Create(CultureInfo.InvariantCulture, $"The body must have at most {maxBytes} bytes.");
}
