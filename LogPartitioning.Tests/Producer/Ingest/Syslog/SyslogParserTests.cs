using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LogPartitioning.Producer.Ingest.Syslog;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Producer.Ingest.Syslog;

public sealed class SyslogParserTests
{
    private static readonly FakeTimeProvider s_time = new(DateTimeOffset.Parse("2026-11-28T12:00:00Z", CultureInfo.InvariantCulture));

    public static TheoryData<string, int, string, string, string, string, string, string, string> Rfc5424Messages => new()
    {
        // The examples of RFC 5424, section 6.5.
        {
            "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \uFEFF'su root' failed for lonvick on /dev/pts/8",
            34, "2003-10-11T22:14:15.003Z", "mymachine.example.com", "su", "", "ID47", "", "'su root' failed for lonvick on /dev/pts/8"
        },
        {
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.",
            165, "2003-08-24T05:14:15.000003-07:00", "192.0.2.1", "myproc", "8710", "", "", "%% It's time to make the do-nuts."
        },
        {
            """<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]""",
            165, "2003-10-11T22:14:15.003Z", "mymachine.example.com", "evntslog", "", "ID47",
            """[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"][examplePriority@32473 class="high"]""", ""
        },
        { "<0>1 - - - - - -", 0, "", "", "", "", "", "", "" },
        { "<0>1 - - - - - - ", 0, "", "", "", "", "", "", "" },
        { "<191>1 - - - - - [a]  b", 191, "", "", "", "", "", "[a]", " b" },
        { """<13>1 - h a p m [x y="\]\"\\"] t""", 13, "", "h", "a", "p", "m", """[x y="\]\"\\"]""", "t" },
    };

    public static TheoryData<string, int, string, string, string, string, string> Rfc3164Messages => new()
    {
        // The examples of RFC 3164, section 5.4, and what programs of today write.
        { "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8", 34, "Oct 11 22:14:15", "mymachine", "su", "", "'su root' failed for lonvick on /dev/pts/8" },
        { "<13>Feb  5 17:32:18 10.0.0.99 Use the BFG!", 13, "Feb  5 17:32:18", "10.0.0.99", "", "", "Use the BFG!" },
        { "<38>Nov 28 12:00:00 box sshd[4711]: Accepted publickey", 38, "Nov 28 12:00:00", "box", "sshd", "4711", "Accepted publickey" },
        { "<38>Nov 28 12:00:00.123456 box postfix/smtpd[9]: connect", 38, "Nov 28 12:00:00.123456", "box", "postfix/smtpd", "9", "connect" },
        { "<13>2026-11-28T13:00:00.123456+01:00 box app: hello", 13, "2026-11-28T13:00:00.123456+01:00", "box", "app", "", "hello" },
        { "<13>Nov 28 12:00:00 app[7]: to this machine", 13, "Nov 28 12:00:00", "", "app", "7", "to this machine" },
        { "<13>Nov 28 12:00:00 fe80::1 app:", 13, "Nov 28 12:00:00", "fe80::1", "app", "", "" },
        { "<13>Nov 28 12:00:00 box see http://x:80/ there", 13, "Nov 28 12:00:00", "box", "", "", "see http://x:80/ there" },
        { "<13>Nov 28 12:00:00 (no host) text", 13, "Nov 28 12:00:00", "", "", "", "(no host) text" },
        { "<13>Nov 28 12:00:00 box app[a b]: x", 13, "Nov 28 12:00:00", "box", "", "", "app[a b]: x" },
        { "<13>Nov 28 12:00:00", 13, "Nov 28 12:00:00", "", "", "", "" },
    };

    [Theory]
    [MemberData(nameof(Rfc5424Messages))]
    public void A_message_of_rfc_5424_is_read(string sent, int priority, string timestamp, string host, string app, string process, string id, string data, string text)
    {
        var message = SyslogParser.Parse(Encoding.UTF8.GetBytes(sent), s_time);
        Assert.Equal(priority, message.Priority);
        Assert.Equal(
            (timestamp, host, app, process, id, data, text),
            (Text(message.Timestamp), Text(message.Host), Text(message.App), Text(message.ProcessId), Text(message.MessageId), Text(message.StructuredData), Text(message.Text)));
        Assert.Equal(timestamp.Length == 0 ? null : DateTimeOffset.Parse(timestamp, CultureInfo.InvariantCulture), message.Time);
        Assert.False(message.IsGuessed);
    }

    [Theory]
    [MemberData(nameof(Rfc3164Messages))]
    public void A_message_of_rfc_3164_is_read(string sent, int priority, string timestamp, string host, string app, string process, string text)
    {
        var message = SyslogParser.Parse(Encoding.UTF8.GetBytes(sent), s_time);
        Assert.Equal(priority, message.Priority);
        Assert.Equal(
            (timestamp, host, app, process, text),
            (Text(message.Timestamp), Text(message.Host), Text(message.App), Text(message.ProcessId), Text(message.Text)));
        Assert.NotNull(message.Time);
        Assert.Equal(!timestamp.Contains('T', StringComparison.Ordinal), message.IsGuessed);
    }

    [Theory]
    [InlineData("", null, "")]
    [InlineData("hello", null, "hello")]
    [InlineData("<13>", 13, "")]
    [InlineData("<13>hello: there", 13, "hello: there")]
    [InlineData("<192>hello", null, "<192>hello")]
    [InlineData("<>hello", null, "<>hello")]
    [InlineData("<1x>hello", null, "<1x>hello")]
    [InlineData("<1234>hello", null, "<1234>hello")]
    [InlineData("<13>1 a b", 13, "1 a b")]
    [InlineData("<13>1 - - - - - [a b=\"c] d", 13, "1 - - - - - [a b=\"c] d")]
    [InlineData("<13>1 - - - - - -x", 13, "1 - - - - - -x")]
    [InlineData("<13>1 - - - - - [] d", 13, "1 - - - - - [] d")]
    [InlineData("<13>2 - - - - - - d", 13, "2 - - - - - - d")]
    [InlineData("<13>Nov 31 12:00:60x d", 13, "Nov 31 12:00:60x d")]
    [InlineData("<13>Nov 32 12:00:00 d", 13, "Nov 32 12:00:00 d")]
    [InlineData("<13>ovD 12 12:00:00 d", 13, "ovD 12 12:00:00 d")]
    [InlineData("Nov 28 12:00:00 box app: x", null, "Nov 28 12:00:00 box app: x")]
    public void Of_any_other_the_whole_is_the_text(string sent, int? priority, string text)
    {
        var message = SyslogParser.Parse(Encoding.UTF8.GetBytes(sent), s_time);
        Assert.Equal((priority, text), (message.Priority, Text(message.Text)));
        Assert.True(message.Host.IsEmpty && message.App.IsEmpty && message.Time is null);
    }

    /// <summary>Shortly after midnight of a new year messages of the old one come in, and those of clocks that are ahead before it.</summary>
    [Theory]
    [InlineData("2026-11-28T12:00:00Z", "Nov 28 11:59:59", "2026-11-28T11:59:59Z")]
    [InlineData("2027-01-01T00:00:01Z", "Dec 31 23:59:59", "2026-12-31T23:59:59Z")]
    [InlineData("2026-12-31T23:59:59Z", "Jan  1 00:00:01.5", "2027-01-01T00:00:01.5Z")]
    [InlineData("2027-03-01T00:00:00Z", "Feb 29 00:00:00", "2028-02-29T00:00:00Z")]
    [InlineData("2026-03-01T00:00:00Z", "Feb 29 00:00:00", null)]
    [InlineData("2026-11-28T12:00:00Z", "Jun 30 23:59:60", "2026-07-01T00:00:00Z")]
    public void A_time_without_a_year_is_the_one_nearest_to_now(string now, string written, string? expected)
    {
        var clock = new FakeTimeProvider(Time(now)!.Value);
        Assert.True(SyslogTime.TryShort(Encoding.ASCII.GetBytes(written), clock, out var time, out var length));
        Assert.Equal((Time(expected), written.Length), (time, length));
    }

    [Fact]
    public void A_time_without_a_zone_is_of_the_zone_of_this_machine()
    {
        var clock = new FakeTimeProvider(Time("2026-11-28T12:00:00Z")!.Value);
        clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("east", TimeSpan.FromHours(5.5), null, null));
        Assert.True(SyslogTime.TryShort("Nov 28 17:30:00"u8, clock, out var time, out _));
        Assert.Equal(Time("2026-11-28T12:00:00Z"), time);
    }

    /// <summary>What is written by RFC 5424 comes back.</summary>
    [Property(MaxTest = 500)]
    public Property What_is_written_comes_back()
    {
        var word = Gen.Choose(0x21, 0x7e).Select(character => (char)character).NonEmptyListOf().Select(word => new string([.. word.Take(48)])).Where(word => word != "-");
        var field = Gen.OneOf(Gen.Constant("-"), word);
        var name = Gen.Elements("abcXYZ019@._-".ToCharArray()).NonEmptyListOf().Select(word => new string([.. word.Take(32)]));
        var value = Gen.Elements("ab \"\\]=[é😀\n\u0001".EnumerateRunes().ToArray()).ListOf().Select(value => string.Concat(value));
        var element = from id in name from parameters in (from n in name from v in value select (n, v)).ListOf() select (id, parameters);
        var message =
            from priority in Gen.Choose(0, 191)
            from host in field
            from app in field
            from process in field
            from id in field
            from microseconds in Gen.Choose(0, 999_999)
            from elements in element.ListOf()
            from text in value
            select (priority, host, app, process, id, microseconds, elements, text);
        return Prop.ForAll(message.ToArbitrary(), sent =>
        {
            var data = sent.elements.Count == 0 ? "-" : string.Concat(sent.elements.Select(e => $"[{e.id}{string.Concat(e.parameters.Select(p => $" {p.n}=\"{Escaped(p.v)}\""))}]"));
            var time = Time("2026-11-28T11:00:00Z")!.Value.AddMicroseconds(sent.microseconds);
            var written = string.Create(CultureInfo.InvariantCulture, $"<{sent.priority}>1 {time:yyyy-MM-ddTHH:mm:ss.ffffffZ} {sent.host} {sent.app} {sent.process} {sent.id} {data} {sent.text}");
            var read = SyslogParser.Parse(Encoding.UTF8.GetBytes(written), s_time);

            Assert.Equal((sent.priority, time), (read.Priority, read.Time));
            Assert.Equal(
                (sent.host, sent.app, sent.process, sent.id, sent.text),
                (Field(read.Host), Field(read.App), Field(read.ProcessId), Field(read.MessageId), Text(read.Text)));
            var expected = sent.elements.SelectMany(e => e.parameters.Count == 0 ? [(e.id, "", "")] : e.parameters.Select(p => (e.id, p.n, p.v)));
            Assert.Equal(expected, ParametersOf(read.StructuredData));
        });
    }

    [Property(MaxTest = 2_000)]
    public Property Nothing_that_is_sent_throws_and_without_a_priority_the_whole_is_the_text()
    {
        var pieces = Gen.OneOf(
            Gen.Elements("<13>", "1 ", "- ", "[a ", "b=\"", "\"]", "\\", "Nov 28 12:00:00 ", "2026-11-28T12:00:00Z ", "box ", "app[1]: ", "\uFEFF").Select(Encoding.UTF8.GetBytes),
            Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf());
        return Prop.ForAll(pieces.ListOf().Select(all => all.SelectMany(piece => piece).ToArray()).ToArbitrary(), bytes =>
        {
            var message = SyslogParser.Parse(bytes, s_time);
            var reader = new StructuredDataReader(message.StructuredData);
            while (reader.Read())
            {
            }

            Assert.False(reader.IsBroken);
            Assert.True(message.Priority is not null || message.Text.SequenceEqual(bytes));
        });
    }

    private static List<(string, string, string)> ParametersOf(ReadOnlySpan<byte> data)
    {
        List<(string, string, string)> parameters = [];
        var reader = new StructuredDataReader(data);
        while (reader.Read())
        {
            var value = new byte[reader.Value.Length];
            var length = StructuredDataReader.Unescape(reader.Value, value);
            parameters.Add((Text(reader.Id), Text(reader.Name), Text(value.AsSpan(0, length))));
        }

        return parameters;
    }

    private static string Escaped(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);

    private static string Field(ReadOnlySpan<byte> field) => field.IsEmpty ? "-" : Text(field);

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    private static DateTimeOffset? Time(string? text) => text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
