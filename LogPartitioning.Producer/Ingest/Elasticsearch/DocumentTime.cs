namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>The dates that Elasticsearch takes unless an index says otherwise: <c>strict_date_optional_time||epoch_millis</c>.</summary>
internal static class DocumentTime
{
    private const int DateLength = 10;

    /// <summary>Reads a date, with or without a time of day, in UTC where it names no offset, or milliseconds since the beginning of 1970.</summary>
    public static bool TryParse(string? text, out SentTime time)
    {
        time = default;
        return text is not null
            && (SentTime.TryParse(text, out time)
                || SentTime.TryParse($"{text}Z", out time)
                || (text.Length == DateLength && SentTime.TryParse($"{text}T00:00:00Z", out time))
                || SentTime.TryParseUnixMilliseconds(text, out time));
    }
}
