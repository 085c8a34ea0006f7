using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Syslog;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogEventsTests
{
    private const string Peer = "192.0.2.7";

    private static readonly DateTimeOffset s_now = DateTimeOffset.Parse("2026-11-28T12:00:00Z", CultureInfo.InvariantCulture);

    [Fact]
    public void Everything_that_rfc_5424_says_is_in_the_event()
    {
        var (read, hasOwnTimestamp) = Read("""<165>1 2026-11-28T11:14:15.000003-00:30 box evntslog 8710 ID47 [ex@1 iut="3" say="a\]b"][empty] An application event""");
        Assert.True(hasOwnTimestamp);
        Assert.Equal(("evntslog", Severity.Information, "An application event"), (read.Source, read.Level, read.Message));
        Assert.Equal(DateTimeOffset.Parse("2026-11-28T11:44:15.000003Z", CultureInfo.InvariantCulture), read.Timestamp);
        Assert.Equal(
            """{"host.name":"box","process.pid":8710,"syslog.facility":20,"syslog.severity":5,"syslog.msgid":"ID47","syslog.sd.ex@1.iut":"3","syslog.sd.ex@1.say":"a]b","syslog.sd.empty":""}""",
            read.Attributes);
    }

    [Fact]
    public void Of_rfc_3164_the_time_that_was_guessed_is_kept_as_it_was_written()
    {
        var (read, hasOwnTimestamp) = Read("<11>Nov 28 11:59:00 box app[x1]: hello\n");
        Assert.True(hasOwnTimestamp);
        Assert.Equal(("app", Severity.Error, "hello", s_now.AddMinutes(-1)), (read.Source, read.Level, read.Message, read.Timestamp));
        Assert.Equal("""{"host.name":"box","process.pid":"x1","syslog.facility":1,"syslog.severity":3,"syslog.timestamp":"Nov 28 11:59:00"}""", read.Attributes);
    }

    [Theory]
    [InlineData(0, Severity.Critical)]
    [InlineData(1, Severity.Critical)]
    [InlineData(2, Severity.Critical)]
    [InlineData(3, Severity.Error)]
    [InlineData(4, Severity.Warning)]
    [InlineData(5, Severity.Information)]
    [InlineData(6, Severity.Information)]
    [InlineData(7, Severity.Debug)]
    public void The_level_is_that_of_the_severity(int severity, Severity expected) => Assert.Equal(expected, Read($"<{8 + severity}>x").Event.Level);

    [Theory]
    [InlineData("app", "<13>1 - box app - - - m", "app", null)]
    [InlineData("app", "<13>1 - box - - - - m", "box", null)]
    [InlineData("app", "<13>1 - - - - - - m", Peer, null)]
    [InlineData("app", "no syslog at all", Peer, null)]
    [InlineData("host", "<13>1 - box app - - - m", "box", "app")]
    [InlineData("host", "<13>1 - - app - - - m", "app", null)]
    [InlineData("HOST/app", "<13>1 - box app - - - m", "box/app", "app")]
    [InlineData("host/app", "<13>1 - - app - - - m", "app", null)]
    [InlineData("host/app", "<13>1 - box - - - - m", "box", null)]
    public void The_source_is_what_the_settings_say_and_no_name_is_lost(string choice, string sent, string source, string? app)
    {
        var read = Read(sent, choice).Event;
        Assert.Equal(source, read.Source);
        Assert.Equal(app is null, read.Attributes?.Contains("syslog.appname", StringComparison.Ordinal) != true);
        Assert.Equal(sent.Contains("box", StringComparison.Ordinal), read.Attributes?.Contains("\"host.name\":\"box\"", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z")]
    [InlineData("2027-01-01T00:00:00Z")]
    [InlineData("yesterday")]
    public void A_time_that_is_not_taken_is_kept_as_text_and_the_event_has_that_of_its_receipt(string written)
    {
        var (read, hasOwnTimestamp) = Read($"<13>1 {written} - app - - - m");
        Assert.Equal((s_now, false), (read.Timestamp, hasOwnTimestamp));
        Assert.Contains($"\"syslog.timestamp\":\"{written}\"", read.Attributes!, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_finer_than_a_microsecond_is_kept_as_text()
    {
        var read = Read("<13>1 2026-11-28T11:00:00.123456789Z - app - - - m").Event;
        Assert.Equal("2026-11-28T11:00:00.123456Z", Rfc3339.Format(read.Timestamp));
        Assert.Contains("\"syslog.timestamp\":\"2026-11-28T11:00:00.123456789Z\"", read.Attributes!, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_utf_8_are_kept()
    {
        var read = Read(Latin1("<13>1 - hé app - - [x y=\"é\"] café"), "app").Event;
        Assert.Equal(("app", "caf\uFFFD"), (read.Source, read.Message));
        using var attributes = JsonDocument.Parse(read.Attributes!);
        Assert.Equal(Latin1("hé"), attributes.RootElement.GetProperty("host.name_base64").GetBytesFromBase64());
        Assert.Equal(Latin1("é"), attributes.RootElement.GetProperty("syslog.sd.x.y_base64").GetBytesFromBase64());
        using var more = JsonDocument.Parse(attributes.RootElement.GetProperty("more").GetString()!);
        Assert.Equal(Latin1("café"), more.RootElement.GetProperty("message_base64").GetBytesFromBase64());
    }

    [Fact]
    public void What_was_cut_off_is_told() =>
        Assert.Contains("\"syslog.truncated_bytes\":70000", Read("<13>m"u8.ToArray(), "app", truncated: 70_000).Event.Attributes!, StringComparison.Ordinal);

    [Fact]
    public void Two_equal_messages_are_two_events() => Assert.NotEqual(Read("<13>m").Event.Id, Read("<13>m").Event.Id);

    /// <summary>Attributes may have 64 KiB as JSON, where what is escaped grows.</summary>
    [Theory]
    [InlineData("\u0001", true)]
    [InlineData("x", true)]
    [InlineData("\xff", false)]
    public void Where_the_attributes_are_too_large_the_whole_is_the_text(string character, bool isWhole)
    {
        var sent = Latin1($"<13>1 - h app - - [x y=\"{string.Concat(Enumerable.Repeat(character, 64_000))}\"] m");
        var read = Read(sent, "app").Event;
        Assert.Equal("app", read.Source);
        Assert.Equal(!isWhole, read.Attributes!.Contains("syslog.truncated_bytes", StringComparison.Ordinal));
        if (isWhole && character != "x")
        {
            Assert.Equal(Encoding.UTF8.GetString(sent), read.Message);
        }
    }

    /// <summary>Whatever comes, an event is made of it that keeps every rule.</summary>
    [Property(MaxTest = 1_000)]
    public Property Every_message_is_an_event()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("<13>", "1 - ", "- ", "[a b=\"\"]", "[a ", "c=\"d\"", "]", "Nov 28 12:00:00 ", "2026-11-28T12:00:00Z ", "box ", "app[1]: ", "\0", "é").Select(Encoding.UTF8.GetBytes),
            Gen.Elements(300, 20_000).Select(length => Enumerable.Repeat((byte)'z', length).ToArray()),
            Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf());
        return Prop.ForAll(
            (from bytes in pieces.ListOf().Select(all => all.SelectMany(piece => piece).Take(SyslogFrames.MaxBytes).ToArray())
             from choice in Gen.Elements("app", "host", "host/app")
             select (bytes, choice)).ToArbitrary(),
            sent => Assert.NotNull(Read(sent.bytes, sent.choice).Event));
    }

    /// <summary>What grows most: 1,600 parameters of a long element, controls, and bytes that are none of UTF-8.</summary>
    [Fact]
    public void The_largest_messages_are_events()
    {
        var id = new string('i', 30_000);
        foreach (var sent in new[]
        {
            $"<13>1 - - - - - [{id}{string.Concat(Enumerable.Repeat(" a=\"\"", 6_000))}]",
            $"<13>1 - {new string('h', 300)} {new string('\u0001', 60_000)} - - - -",
            new string('\u0001', SyslogFrames.MaxBytes),
            new string('\0', SyslogFrames.MaxBytes),
            new string('\xff', SyslogFrames.MaxBytes),
            $"<13>1 - - app - - [{new string('i', 40)} a=\"{new string('\xff', 20_000)}\"] {new string('\xff', 40_000)}",
            $"<13>1 - - app - - [{string.Concat(Enumerable.Range(0, 3_000).Select(i => $" p{i}=\"\\\"\\\"\\\"\""))[1..]}] x",
        })
        {
            var bytes = Latin1(sent);
            Assert.NotNull(Read(bytes[..Math.Min(bytes.Length, SyslogFrames.MaxBytes)], "host/app").Event);
        }
    }

    /// <summary>It is cut by bytes, and nothing but the character in which it is cut may be lost by that.</summary>
    [Theory]
    [InlineData("ä", 1)]
    [InlineData("€", 1)]
    [InlineData("€", 2)]
    [InlineData("😀", 1)]
    [InlineData("😀", 2)]
    [InlineData("😀", 3)]
    public void One_that_was_cut_within_a_character_is_text_up_to_that(string character, int there)
    {
        var text = new string('x', SyslogFrames.MaxBytes - 4 - there);
        byte[] sent = [.. Encoding.ASCII.GetBytes("<13>" + text), .. Encoding.UTF8.GetBytes(character)[..there]];
        var read = Read(sent, "app", truncated: 1_000).Event;
        Assert.Equal(text, read.Message);
        Assert.Equal($$"""{"syslog.facility":1,"syslog.severity":5,"syslog.truncated_bytes":{{1_000 + there}}}""", read.Attributes);
    }

    [Fact]
    public void One_that_was_cut_behind_a_character_is_there_to_its_end() =>
        Assert.Equal("€", Read("<13>€"u8.ToArray(), "app", truncated: 1).Event.Message);

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static (LogEvent Event, bool HasOwnTimestamp) Read(string sent, string choice = "app") => Read(Encoding.UTF8.GetBytes(sent), choice);

    private static (LogEvent Event, bool HasOwnTimestamp) Read(byte[] sent, string choice, long truncated = 0)
    {
        using var events = new SyslogEvents(Options.Create(new SyslogOptions { Source = choice }), new StoreOptions(), new FakeTimeProvider(s_now));
        var batch = new EventBatch();
        var cut = sent.Length / 2;
        events.Add(batch, Pieces.Of(sent[..cut], sent[cut..]), truncated, Peer);
        var entry = Assert.Single(batch.Entries);
        Assert.True(LogEventJson.TryParseRecord(entry.Value, out var read, out var problem), $"{problem}");
        Assert.Equal((entry.Id, entry.Source), (read.Id, read.Source));
        return (read, entry.HasOwnTimestamp);
    }
}
