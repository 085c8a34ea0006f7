using System.Buffers.Binary;
using System.Text;

namespace LogPartitioning.Core.Lag;

/// <summary>
/// Reads a member's assignment as the coordinator holds it: Kafka's consumer protocol, <c>version int16, [topic string,
/// [partition int32]], user data bytes</c>, big-endian (ConsumerProtocolAssignment.json in Apache Kafka).
/// </summary>
internal static class AssignedPartitions
{
    /// <summary>The partitions of <paramref name="topic"/>, ascending; none where the bytes are empty, as during a rebalance, or not understood.</summary>
    public static IReadOnlyList<int> Parse(ReadOnlySpan<byte> assignment, string topic)
    {
        var partitions = new List<int>();
        // Later versions only append fields, so the version itself does not matter here.
        if (!TrySkip(ref assignment, sizeof(short)) || !TryReadInt32(ref assignment, out var topics))
        {
            return partitions;
        }

        for (var i = 0; i < topics; i++)
        {
            if (!TryReadString(ref assignment, out var name) || !TryReadInt32(ref assignment, out var count))
            {
                return [];
            }

            for (var j = 0; j < count; j++)
            {
                if (!TryReadInt32(ref assignment, out var partition))
                {
                    return [];
                }

                if (name == topic)
                {
                    partitions.Add(partition);
                }
            }
        }

        partitions.Sort();
        return partitions;
    }

    private static bool TryReadInt32(ref ReadOnlySpan<byte> bytes, out int value) =>
        BinaryPrimitives.TryReadInt32BigEndian(bytes, out value) && TrySkip(ref bytes, sizeof(int));

    private static bool TryReadString(ref ReadOnlySpan<byte> bytes, out string value)
    {
        value = "";
        if (!BinaryPrimitives.TryReadInt16BigEndian(bytes, out var length) || length < 0 || bytes.Length < sizeof(short) + length)
        {
            return false;
        }

        value = Encoding.UTF8.GetString(bytes.Slice(sizeof(short), length));
        return TrySkip(ref bytes, sizeof(short) + length);
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> bytes, int count)
    {
        if (bytes.Length < count)
        {
            return false;
        }

        bytes = bytes[count..];
        return true;
    }
}
