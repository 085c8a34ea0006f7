using System.Text;

namespace LogPartitioning.Core.Partitioning;

/// <summary>
/// Which partition a key belongs to: <c>(murmur2(key) &amp; 0x7fffffff) % partitions</c>, the default of the Java client
/// (<c>BuiltInPartitioner.partitionForKey</c>) and <c>murmur2_random</c> in librdkafka.
/// </summary>
public static class KeyPartitioner
{
    /// <summary>The partition of <paramref name="key"/>, from 0 to <paramref name="partitions"/> - 1.</summary>
    /// <param name="key">The record key, hashed as UTF-8.</param>
    /// <param name="partitions">How many partitions the topic has, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="partitions"/> is less than 1.</exception>
    public static int PartitionOf(string key, int partitions)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        var maxBytes = Encoding.UTF8.GetMaxByteCount(key.Length);
        Span<byte> bytes = maxBytes <= 512 ? stackalloc byte[512] : new byte[maxBytes];
        var length = Encoding.UTF8.GetBytes(key, bytes);
        return PartitionOf(bytes[..length], partitions);
    }

    /// <summary>The partition of a key as it stands in a record.</summary>
    public static int PartitionOf(ReadOnlySpan<byte> key, int partitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(partitions, 1);
        return (Murmur2.Hash(key) & 0x7fffffff) % partitions;
    }
}
