namespace LogPartitioning.Core.Events;

/// <summary>
/// What the value of a record says, and where in the value the texts of it stand: enough to store the event without a text or an object made
/// of it. Of values in the form that the producer writes; <see cref="LogEventJson.TryParseRecord"/> reads all others.
/// </summary>
/// <param name="Id">The event's id.</param>
/// <param name="Source">Its source.</param>
/// <param name="Level">Its level.</param>
/// <param name="Timestamp">Its time, in UTC.</param>
/// <param name="Message">Its message, as JSON writes it, without the quotation marks.</param>
/// <param name="HasEscapes">Whether the message has to be unescaped.</param>
/// <param name="Attributes">Its attributes, an object of compact JSON; empty where it has none.</param>
public readonly record struct RecordParts(
    Guid Id, string Source, Severity Level, DateTime Timestamp, Range Message, bool HasEscapes, Range Attributes)
{
    /// <summary>Reads a value.</summary>
    /// <returns>False where it has another form than the producer's, which says nothing about it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> value, out RecordParts parts) => PlainRecordParser.TryParse(value, out parts);

    /// <summary>The message itself, in UTF-8.</summary>
    /// <param name="value">The value that this was read of.</param>
    public byte[] Unescape(ReadOnlySpan<byte> value) => PlainRecordParser.Unescape(value[Message]);
}
