namespace LogPartitioning.Producer.Ingest;

/// <summary>A request that is refused as a whole, before anything of it was sent.</summary>
internal sealed class RequestRefusedException(int status, string? reason, string title, string detail) : Exception(detail)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>One of <see cref="RejectionReason"/>; null where it is nobody's mistake.</summary>
    public string? Reason { get; } = reason;

    /// <summary>What kind of problem it is, in a few words.</summary>
    public string Title { get; } = title;

    public static RequestRefusedException Malformed(string detail) =>
        new(StatusCodes.Status400BadRequest, RejectionReason.Malformed, "The body cannot be read.", detail);

    public static RequestRefusedException TooManyBytes() =>
        new(StatusCodes.Status413PayloadTooLarge, RejectionReason.TooLarge, "The body is too large.",
            $"The body must have at most {IngestLimits.MaxBodyBytes} bytes. Nothing of it was taken; send it in parts.");

    public static RequestRefusedException TooManyEvents() =>
        new(StatusCodes.Status413PayloadTooLarge, RejectionReason.TooLarge, "The body has too many events.",
            $"The body must have at most {IngestLimits.MaxEvents} events. Nothing of it was taken; send it in parts.");

    public static RequestRefusedException UnsupportedMediaType(string detail) =>
        new(StatusCodes.Status415UnsupportedMediaType, RejectionReason.UnsupportedMediaType, "The media type is not supported.", detail);

    public static RequestRefusedException Overloaded(string detail) =>
        new(StatusCodes.Status503ServiceUnavailable, RejectionReason.Overloaded, "The service is busy.", detail);

    /// <summary>499: the client went away, and nobody reads the answer.</summary>
    public static RequestRefusedException Gone() =>
        new(StatusCodes.Status499ClientClosedRequest, null, "The client went away.", "The client went away before it was answered.");

    /// <summary>What the server found while it read the body.</summary>
    public static RequestRefusedException Of(BadHttpRequestException bad)
    {
        var reason = bad.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => RejectionReason.TooLarge,
            StatusCodes.Status408RequestTimeout => RejectionReason.TooSlow,
            StatusCodes.Status503ServiceUnavailable => RejectionReason.Overloaded,
            _ => RejectionReason.Malformed,
        };
        // Most clients take 408 as said for good, and drop what they have. Nothing of it was taken, and there may be room soon.
        var status = bad.StatusCode == StatusCodes.Status408RequestTimeout ? StatusCodes.Status503ServiceUnavailable : bad.StatusCode;
        return new(status, reason, "The request cannot be read.", bad.Message);
    }
}
