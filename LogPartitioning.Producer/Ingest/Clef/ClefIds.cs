namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>
/// Ids for events in CLEF. Serilog's sink fills up what was not taken with later events and sends both: so an event whose time is finer than a millisecond has
/// an id that is made of the event alone, and is the same one in whichever request it comes. A coarser time does not tell two events of one text apart; their
/// ids are made of the request.
/// </summary>
/// <param name="request">The ids of the request.</param>
internal sealed class ClefIds(ContentIds request)
{
    private readonly AlikeIds _alike = new();

    /// <summary>The id of an event.</summary>
    /// <param name="json">The event.</param>
    /// <param name="index">Its place in the request.</param>
    /// <param name="time">Its own time; null where it has none.</param>
    /// <param name="isFine">Whether that is finer than a millisecond.</param>
    public Guid Of(ReadOnlySpan<byte> json, int index, DateTimeOffset? time, bool isFine) => isFine ? _alike.Of(new(json), time) : request.Of(index, time);
}
