using Confluent.Kafka;
using FsCheck.Xunit;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Replay;
using LogPartitioning.Tests.Storage;

namespace LogPartitioning.Tests.Replay;

public sealed class ReplayTallyTests
{
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
        var tally = new ReplayTally([new OffsetRange(3, 42, 43)]);

        Assert.Empty(tally.Sort([Record(key, value)]));
        var poison = Assert.Single(tally.Progress().FirstPoison);
        Assert.Equal((3, 42L), (poison.Partition, poison.Offset));
        Assert.NotEmpty(poison.Problem);
    }

    [Theory]
    [InlineData("checkout")]
    [InlineData("checkout-2")]
    public void An_event_under_its_source_or_a_split_of_it_is_stored_with_its_key(string key)
    {
        var tally = new ReplayTally([new OffsetRange(3, 42, 43)]);

        var batch = Assert.Single(tally.Sort([Record(System.Text.Encoding.UTF8.GetBytes(key), Good)]));

        Assert.Equal((42L, key), (Assert.Single(batch.Records).Offset, batch.Records[0].Key));
        Assert.Equal(0, tally.Progress().Poison);
    }

    [Property(MaxTest = 500)]
    public bool A_replay_and_the_consumer_take_the_same_records(byte[]? key, byte[]? value, bool good)
    {
        var record = Record(key, good ? Good : value);

        var consumed = new RecordReader(TimeProvider.System).Read(record).Event is not null;
        return new ReplayTally([new OffsetRange(3, 42, 43)]).Sort([record]).Count == (consumed ? 1 : 0);
    }

    private static ConsumeResult<byte[]?, byte[]?> Record(byte[]? key, byte[]? value) => new()
    {
        Topic = "topic",
        Partition = 3,
        Offset = 42,
        Message = new() { Key = key, Value = value },
    };
}
