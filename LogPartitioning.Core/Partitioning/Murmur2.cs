using System.Buffers.Binary;

namespace LogPartitioning.Core.Partitioning;

/// <summary>
/// The 32-bit MurmurHash2 with the seed of Kafka's Java client (<c>org.apache.kafka.common.utils.Utils.murmur2</c>), which
/// the client's default partitioner applies to a record's key.
/// </summary>
public static class Murmur2
{
    private const uint Seed = 0x9747b28c;
    private const uint Multiplier = 0x5bd1e995;
    private const int Rotation = 24;

    /// <summary>Hashes <paramref name="data"/>; any length, the empty one included.</summary>
    public static int Hash(ReadOnlySpan<byte> data)
    {
        unchecked
        {
            var hash = Seed ^ (uint)data.Length;
            while (data.Length >= sizeof(uint))
            {
                var k = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
                k ^= k >> Rotation;
                hash = (hash * Multiplier) ^ (k * Multiplier);
                data = data[sizeof(uint)..];
            }

            if (data.Length > 0)
            {
                for (var i = data.Length - 1; i >= 0; i--)
                {
                    hash ^= (uint)data[i] << (8 * i);
                }

                hash *= Multiplier;
            }

            hash ^= hash >> 13;
            hash *= Multiplier;
            return (int)(hash ^ (hash >> 15));
        }
    }
}
