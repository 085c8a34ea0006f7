using Confluent.Kafka;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Replay;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Replay;

public sealed class ReplayBatchTests
{
    private static readonly Dictionary<int, short> s_logs = [];

    private static readonly byte[] Good = LogEventJson.Serialize(StoredEvents.Event());

    public static TheoryData<byte[]?, byte[]?> Poison => new()
    {
        { null, Good },
        { "checkout"u8.ToArray(), null },
        { "checkout"u8.ToArray(), [] },
        { "checkout"u8.ToArray(), [0xff, 0xfe, 0x00] },
        { [0xc3, 0x28], Good },
        { "checkout"u8.ToArray(), "{\"id\":"u8.ToArray() },
        { "checkout"u8.ToArray(), "{\"source\":\"checkout\",\"message\":\"m\"}"u8.ToArray() },
        { "billing"u8.ToArray(), Good },
        { "checkout-0"u8.ToArray(), Good },
    };

    [Theory]
    [MemberData(nameof(Poison))]
    public void What_the_consumer_sets_aside_is_poison_and_not_stored(byte[]? key, byte[]? value)
    {
        var batch = Read(key, value);

        Assert.Empty(batch.Events);
        var poison = Assert.Single(batch.Poison);
        Assert.Equal((3, 42L), (poison.Partition, poison.Offset));
        Assert.NotEmpty(poison.Problem);
    }

    [Theory]
    [InlineData("checkout")]
    [InlineData("checkout-2")]
    public void An_event_under_its_source_or_a_split_of_it_is_stored_with_its_key(string key)
    {
        var batch = Read(System.Text.Encoding.UTF8.GetBytes(key), Good);

        var stored = Assert.Single(Assert.Single(batch.Events).Records);
        Assert.Equal((42L, key), (stored.Offset, stored.Key));
        Assert.Empty(batch.Poison);
    }

    [Fact]
    public void Progress_counts_what_was_read_stored_known_and_refused()
    {
        var before = ReplayProgress.Start([new OffsetRange(3, 40, 50), new OffsetRange(4, 0, 5)]);
        var batch = ReplayBatch.Of(
            [.. Enumerable.Range(40, 60).Select(offset => Record(offset, "checkout"u8.ToArray(), offset < 44 ? Good : []))], new RecordReader(TimeProvider.System), s_logs);

        var after = batch.AddTo(before, new InsertOutcome(new Dictionary<int, int> { [3] = 2 }) { Conflicts = [new(3, 41, "another event has its id")] });

        Assert.Equal((60, 2, 1, 57), (after.Records, after.Stored, after.AlreadyStored, after.Poison));
        Assert.Equal(ReplayProgress.MaxPoison, after.FirstPoison.Count);
        Assert.Equal([100L, 0L], after.Partitions.Select(p => p.Next));
    }

    private static ReplayBatch Read(byte[]? key, byte[]? value) => ReplayBatch.Of([Record(42, key, value)], new RecordReader(TimeProvider.System), s_logs);

    private static ConsumeResult<byte[]?, byte[]?> Record(long offset, byte[]? key, byte[]? value) => new()
    {
        Topic = "topic",
        Partition = 3,
        Offset = offset,
        Message = new() { Key = key, Value = value },
    };
}
