using System.Text;
using Confluent.Kafka;
using FsCheck.Xunit;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Consumer.Storage;

namespace LogPartitioning.Tests.Consumer.Reading;

public sealed class RecordReaderTests
{
    private static readonly byte[] Key = "checkout"u8.ToArray();

    [Fact]
    public void An_event_is_read_with_its_key_and_offset()
    {
        var e = StoredEvents.Event(attributes: """{"a":1}""");

        var record = Read(Key, LogEventJson.Serialize(e));

        Assert.Equal((e, "checkout", 42L), (record.Event?.ToEvent(), record.Event?.Key, record.Offset));
        Assert.Null(record.Letter);
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("timestamp", "sent", true)]
    [InlineData("timestamp", "", false)]
    [InlineData("timestamp", null, false)]
    [InlineData("Timestamp", "sent", false)]
    public void A_header_says_that_the_timestamp_is_the_senders(string? name, string? value, bool sent)
    {
        var record = new ConsumeResult<byte[]?, byte[]?>
        {
            Topic = "topic",
            Message = new() { Key = Key, Value = LogEventJson.Serialize(StoredEvents.Event()), Headers = name is null ? null : new Headers { { name, value is null ? null : Encoding.UTF8.GetBytes(value) } } },
        };

        Assert.Equal(sent, new RecordReader(TimeProvider.System).Read(record).Event?.HasSentTimestamp);
    }

    [Fact]
    public void Each_kind_of_poison_has_its_reason_and_keeps_its_bytes()
    {
        var good = LogEventJson.Serialize(StoredEvents.Event());
        var large = LogEventJson.Serialize(StoredEvents.Event(message: new string('x', EventRules.MaxMessageBytes + 1)));

        AssertLetter(DeadLetterReason.MissingKey, null, good);
        AssertLetter(DeadLetterReason.EmptyValue, Key, []);
        AssertLetter(DeadLetterReason.EmptyValue, Key, null);
        AssertLetter(DeadLetterReason.EmptyValue, null, null);
        AssertLetter(DeadLetterReason.NotUtf8, Key, [0xff, 0xfe, 0x00]);
        AssertLetter(DeadLetterReason.NotUtf8, [0xc3, 0x28], good);
        AssertLetter(DeadLetterReason.MalformedJson, Key, "{\"id\":"u8.ToArray());
        AssertLetter(DeadLetterReason.MalformedJson, Key, "[]"u8.ToArray());
        AssertLetter(DeadLetterReason.InvalidField, Key, "{\"source\":\"checkout\",\"message\":\"m\"}"u8.ToArray());
        AssertLetter(DeadLetterReason.TooLarge, Key, large);
        AssertLetter(DeadLetterReason.KeyMismatch, "other"u8.ToArray(), good);
    }

    [Property(MaxTest = 500)]
    public void Any_bytes_are_an_event_or_a_dead_letter_with_these_bytes(byte[]? key, byte[]? value)
    {
        var record = Read(key, value);

        Assert.True(record.Event is null != record.Letter is null);
        Assert.Equal(value, record.Letter is { } letter ? letter.Value : value);
    }

    private static void AssertLetter(string reason, byte[]? key, byte[]? value)
    {
        var letter = Read(key, value).Letter;

        Assert.NotNull(letter);
        Assert.Equal(reason, letter.Reason);
        Assert.Equal(("topic", 3, 42L), (letter.Topic, letter.Partition, letter.Offset));
        Assert.Equal((key, value), (letter.Key, letter.Value));
        Assert.True(DeadLetter.TryParse(letter.Serialize(), out var read));
        Assert.Equal(value is null ? null : Encoding.Latin1.GetString(value), read.Value is null ? null : Encoding.Latin1.GetString(read.Value));
    }

    private static BufferedRecord Read(byte[]? key, byte[]? value) => new RecordReader(TimeProvider.System).Read(new()
    {
        Topic = "topic",
        Partition = 3,
        Offset = 42,
        Message = new() { Key = key, Value = value },
    });
}
