using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Core.Partitioning;

namespace LogPartitioning.Tests.Core.Partitioning;

public sealed class KeyPartitionerTests
{
    /// <summary>The vectors of Kafka's own tests: org.apache.kafka.common.utils.UtilsTest.testMurmur2.</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void The_hash_agrees_with_the_published_vectors(string text, int hash) =>
        Assert.Equal(hash, Murmur2.Hash(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("foobar", 12, (-790332482 & 0x7fffffff) % 12)]
    [InlineData("21", 7, (-973932308 & 0x7fffffff) % 7)]
    [InlineData("foobar", 1, 0)]
    public void The_partition_is_the_positive_hash_modulo_their_number(string key, int partitions, int partition) =>
        Assert.Equal(partition, KeyPartitioner.PartitionOf(key, partitions));

    [Property]
    public void A_key_always_has_a_partition_of_the_topic(string? key, ushort count)
    {
        var partitions = count + 1;
        Assert.InRange(KeyPartitioner.PartitionOf(key ?? "", partitions), 0, partitions - 1);
    }

    [Fact]
    public void Long_keys_hash_like_short_ones()
    {
        var key = string.Concat(Enumerable.Repeat("é", 2_000));
        Assert.Equal((Murmur2.Hash(Encoding.UTF8.GetBytes(key)) & 0x7fffffff) % 12, KeyPartitioner.PartitionOf(key, 12));
    }
}
