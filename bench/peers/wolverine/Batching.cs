using Wolverine;
using Wolverine.Runtime.Batching;

namespace WolverinePeer;

/// <summary>An event and its place in the topic.</summary>
public sealed record Placed(Event Event, int Partition, long Offset, string Key);

/// <summary>Events that are stored together.</summary>
public sealed record EventBatch(IReadOnlyList<Placed> Events);

/// <summary>Puts messages together with their places, which the envelopes have and the messages do not.</summary>
public sealed class Batching : IMessageBatcher
{
    /// <summary>The most events of a batch.</summary>
    public const int Size = 1000;

    /// <inheritdoc/>
    public Type BatchMessageType => typeof(EventBatch);

    /// <inheritdoc/>
    public IEnumerable<Envelope> Group(IReadOnlyList<Envelope> envelopes) => [new(new EventBatch([.. envelopes.Select(Place)]), envelopes)];

    // The inbox keeps no places: what is recovered from it gets one that is its own and the same each time.
    private static Placed Place(Envelope envelope)
    {
        var message = (Event)envelope.Message!;
        return envelope.PartitionId is { } partition
            ? new(message, partition, envelope.Offset, envelope.PartitionKey ?? message.Source)
            : new(message, -1, BitConverter.ToInt64(message.Id.ToByteArray()), message.Source);
    }
}
