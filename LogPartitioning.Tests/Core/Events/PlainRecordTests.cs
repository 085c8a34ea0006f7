using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Fuzz;

namespace LogPartitioning.Tests.Core.Events;

/// <summary>Where the parts of a record's value are read in their place, they are those that the reader of every record finds.</summary>
public sealed class PlainRecordTests
{
    private const string Start = """{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Information",""";
    private const string End = ""","timestamp":"2026-11-22T07:00:00.123456Z"}""";

    private static readonly string[] s_plain =
    [
        Start + """ "message":"m" """.Trim() + End,
        Start + """ "message":"" """.Trim() + End,
        "{\"v\":1," + Start[1..] + """ "message":"m" """.Trim() + End,
        Start + """ "message":"a \"quoted\" \\ line\n\tand\r\b\f one with é, ß, 漢, 😀 and \u0001\u001f\u00e9\u2028" """.Trim() + End,
        Start + """ "message":"m","timestamp":"2026-11-22T07:00:00Z","attributes":{}} """.Trim(),
        Start + """ "message":"m","timestamp":"2016-12-31T18:59:60.9-05:00","attributes":{"a":1,"b":-0.50,"c":"t\n é","d":true,"e":false,"f":null,"g":1234567890123456789}} """.Trim(),
    ];

    [Fact]
    public void What_the_producer_writes_is_plain() => Assert.All(s_plain, value => Assert.True(ReadByBoth(Encoding.UTF8.GetBytes(value)), value));

    [Theory]
    [InlineData(""" {"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"Information","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    [InlineData("""{"source":"a","id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","level":"Information","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    [InlineData(Start + "\"message\":\"\\ud83d\\ude00\"" + End)]
    [InlineData(Start + "\"message\":\"\\/\"" + End)]
    [InlineData(Start + """ "message":"m","timestamp":"2026-11-22T07:00:00Z","v":2} """)]
    [InlineData(Start + """ "message":"m","timestamp":"2026-11-22T07:00:00Z","attributes":{"a": 1}} """)]
    [InlineData(Start + """ "message":"m","timestamp":"2026-11-22T07:00:00Z","attributes":{"a":{"b":1}}} """)]
    public void What_is_unusual_is_left_to_the_other(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Assert.False(ReadByBoth(bytes));
        Assert.True(LogEventJson.TryParseRecord(bytes, out _, out var problem), problem?.ToString());
    }

    [Theory]
    [InlineData(Start + "\"message\":\"\\u0000\"" + End)]
    [InlineData(Start + "\"message\":\"\\ud83d\"" + End)]
    [InlineData(Start + "\"message\":\"m\"" + End + "}")]
    [InlineData(Start + """ "message":"m","timestamp":"2026-11-22T07:00:00Z","attributes":{"a":1,"a":2}} """)]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000000","source":"a","level":"Information","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    [InlineData("""{"id":"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21","source":"a","level":"info","message":"m","timestamp":"2026-11-22T07:00:00Z"}""")]
    public void What_breaks_a_rule_is_not_plain(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        Assert.False(RecordParts.TryRead(bytes, out _));
        Assert.False(LogEventJson.TryParseRecord(bytes, out _, out _));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_not_plain() => Assert.False(RecordParts.TryRead([.. Encoding.UTF8.GetBytes(Start + "\"message\":\""), 0xff, .. Encoding.UTF8.GetBytes("\"" + End)], out _));

    /// <summary>One byte of a plain value becomes any other one.</summary>
    [Property(MaxTest = 5000)]
    public void A_plain_value_with_another_byte_is_read_the_same_by_both(int seed)
    {
        var random = new Random(seed);
        var bytes = Encoding.UTF8.GetBytes(s_plain[random.Next(s_plain.Length)]);
        bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "\"\\{}[]:,0129.-eE+tfn \u007f"[random.Next(22)]);
        ReadByBoth(bytes);
    }

    [Property(MaxTest = 3000)]
    public void Broken_bytes_are_read_the_same_by_both(int seed)
    {
        var random = new Random(seed);
        ReadByBoth(BodyMutation.Apply(Encoding.UTF8.GetBytes(s_plain[random.Next(s_plain.Length)]), random));
    }

    [Fact]
    public void The_records_of_good_events_are_read_the_same_by_both_and_most_in_their_place()
    {
        var reader = new LogEventReader(TimeProvider.System);
        var plain = 0;
        for (var seed = 0; seed < 3000; seed++)
        {
            if (reader.Read(GoodEvent.Create(new Random(seed)).Json, out var logEvent).Count == 0)
            {
                plain += ReadByBoth(LogEventJson.Serialize(logEvent!)) ? 1 : 0;
            }
        }

        Assert.True(plain > 100, $"Of 3000 events only {plain} are plain.");
    }

    /// <returns>Whether it is plain. Then both read the same.</returns>
    private static bool ReadByBoth(byte[] value)
    {
        if (!RecordParts.TryRead(value, out var parts))
        {
            return false;
        }

        Assert.True(LogEventJson.TryParseRecord(value, out var logEvent, out var problem), $"{Encoding.UTF8.GetString(value)}: {problem}");
        var read = new LogRecord(7, logEvent.Source, value, parts, hasSentTimestamp: true);
        Assert.Equal(logEvent, read.ToEvent());
        Assert.Equal((7L, logEvent.Source, true), (read.Offset, read.Key, read.HasSentTimestamp));
        return true;
    }
}
