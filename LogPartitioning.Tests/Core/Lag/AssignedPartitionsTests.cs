using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

public sealed class AssignedPartitionsTests
{
    // version 0, two topics: "a" with 3 and 1, "bc" with 7; no user data.
    private static readonly byte[] s_assignment =
    [
        0, 0, 0, 0, 0, 2,
        0, 1, (byte)'a', 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 1,
        0, 2, (byte)'b', (byte)'c', 0, 0, 0, 1, 0, 0, 0, 7,
        255, 255, 255, 255,
    ];

    [Theory]
    [InlineData("a", new[] { 1, 3 })]
    [InlineData("bc", new[] { 7 })]
    [InlineData("other", new int[0])]
    public void Partitions_of_the_topic_are_read_in_order(string topic, int[] expected) =>
        Assert.Equal(expected, AssignedPartitions.Parse(s_assignment, topic));

    [Fact]
    public void Bytes_cut_off_anywhere_are_no_assignment_and_no_error()
    {
        for (var length = 0; length < s_assignment.Length - 4; length++)
        {
            var partitions = AssignedPartitions.Parse(s_assignment.AsSpan(0, length), "bc");
            Assert.Empty(partitions);
        }
    }
}
