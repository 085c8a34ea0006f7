namespace LogPartitioning.Producer;

/// <summary>The values of the label <c>reason</c> of <c>log_events_rejected_total</c>.</summary>
internal static class RejectionReason
{
    /// <summary>An event breaks a rule.</summary>
    public const string Invalid = "invalid";

    /// <summary>The body is no JSON, or holds nothing.</summary>
    public const string Malformed = "malformed";

    /// <summary>The body is over the limit of bytes or of events.</summary>
    public const string TooLarge = "too_large";

    /// <summary>The body is of another media type, character set or encoding.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>Too many requests, or bytes, at once.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>The body came too slowly.</summary>
    public const string TooSlow = "too_slow";

    /// <summary>The brokers did not acknowledge in time, or refused.</summary>
    public const string NotAcknowledged = "not_acknowledged";

    /// <summary>Its id is that of another event.</summary>
    public const string IdConflict = "id_conflict";
}
