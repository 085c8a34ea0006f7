namespace LogPartitioning.Core.Events;

/// <summary>An event that was read straight into the value of its record.</summary>
/// <param name="Id">Its id, sent or new.</param>
/// <param name="Source">Its source.</param>
/// <param name="Value">The value of its record: what <see cref="LogEventJson.Serialize"/> would write.</param>
/// <param name="Sent">Which of the fields that may be left out its client has sent.</param>
/// <param name="Timestamp">Where in <paramref name="Value"/> the timestamp stands, without its quotation marks.</param>
/// <param name="IsSorted">Whether the names of the attributes ascend, and hold letters, digits and <c>_ - .</c> alone.</param>
public readonly record struct PlainRecord(Guid Id, string Source, byte[] Value, SentFields Sent, Range Timestamp, bool IsSorted);
