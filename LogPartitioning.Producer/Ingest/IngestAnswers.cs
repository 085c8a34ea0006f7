using System.Text.Json.Serialization;

namespace LogPartitioning.Producer.Ingest;

/// <summary>The answer to a body that was one event: where the brokers keep it.</summary>
/// <param name="Id">The event's id, as sent or as assigned.</param>
/// <param name="Source">The event's source.</param>
/// <param name="Key">The record key: the source, or one of its keys when it is split.</param>
/// <param name="Partition">The partition, 0-based.</param>
/// <param name="Offset">The offset in the partition.</param>
/// <param name="Duplicate"><c>true</c> when the event is known to have been accepted before: key, partition and offset are those of then,
/// and it was not sent again. Else absent.</param>
public sealed record OneAccepted(
    Guid Id,
    string Source,
    string Key,
    int Partition,
    long Offset,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Duplicate = null);

/// <summary>The answer to a body of many events.</summary>
/// <param name="Accepted">How many the brokers acknowledged.</param>
/// <param name="Rejected">How many they did not, or that were never sent.</param>
/// <param name="Results">The outcome of each, in the order sent.</param>
public sealed record ManyAnswered(int Accepted, int Rejected, IReadOnlyList<EventResult> Results);

/// <summary>The outcome of one of many events.</summary>
/// <param name="Index">Its place in the body, 0-based; blank lines do not count.</param>
/// <param name="Status"><c>accepted</c> or <c>rejected</c>.</param>
/// <param name="Id">Its id, as sent or as assigned; absent when the event itself is at fault.</param>
/// <param name="Partition">The partition, when accepted.</param>
/// <param name="Offset">The offset in the partition, when accepted.</param>
/// <param name="Error">Why it was rejected: field and rule, or what the brokers said.</param>
/// <param name="Retry">Whether to send it again with <paramref name="Id"/>: it was not acknowledged, and if the brokers have
/// it after all, the id sees to it that it is stored once.</param>
/// <param name="Duplicate"><c>true</c> when it is known to have been accepted before, at this place; else absent.</param>
public sealed record EventResult(
    int Index,
    string Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? Id = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Partition = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Offset = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Retry = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] bool? Duplicate = null)
{
    /// <summary>The <see cref="Status"/> of an event that the brokers acknowledged.</summary>
    public const string AcceptedStatus = "accepted";

    /// <summary>The <see cref="Status"/> of any other event.</summary>
    public const string RejectedStatus = "rejected";
}
