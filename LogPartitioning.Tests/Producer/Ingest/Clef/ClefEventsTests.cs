using System.Diagnostics;
using System.Net;
using System.Text;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Ingest.Clef;

namespace LogPartitioning.Tests.Producer.Ingest.Clef;

public sealed class ClefEventsTests
{
    private const string Type = "application/vnd.serilog.clef";
    private const string Good = """{"@t":"2026-11-22T07:00:00.1234567Z","@mt":"Order {Id} of {@Customer} took {Elapsed:0.0} ms","@r":["12.5"],"@l":"Warning","@x":"System.Exception: no\n   at X","@i":"0a1b2c3d","@tr":"0af7651916cd43dd8448eb211c80319c","@sp":"b7ad6b7169203331","@ps":"00f067aa0ba902b7","@sk":"Server","@ra":{"service":{"name":"shop"}},"@@sign":true,"Id":7,"Customer":{"Name":"Ann"},"Elapsed":12.4567,"Application":"checkout"}""";

    private static readonly ClefApi s_clef = new(new ClefOptions(), ReadRequest.Store, ReadRequest.Time);

    [Fact]
    public async Task Every_field_of_an_event_is_kept()
    {
        var read = await ReadAsync(Good);
        var (source, level, message) = (read.Event.Source, read.Event.Level, read.Event.Message);
        Assert.Equal(("checkout", Severity.Warning, """Order 7 of {"Name":"Ann"} took 12.5 ms"""), (source, level, message));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero).AddMicroseconds(123456), read.Event.Timestamp);
        Assert.Equal(
            """{"@r":"[\"12.5\"]","@x":"System.Exception: no\n   at X","@i":"0a1b2c3d","trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","@ps":"00f067aa0ba902b7","@sk":"Server","@ra":"{\"service\":{\"name\":\"shop\"}}","@sign":true,"Id":7,"Customer":"{\"Name\":\"Ann\"}","Elapsed":12.4567,"Application":"checkout","@mt":"Order {Id} of {@Customer} took {Elapsed:0.0} ms","timestamp_nanos":700}""",
            read.Event.Attributes);
    }

    [Theory]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m"}""", "clef")]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m","@ra":{"service":{"name":"shop"}}}""", "shop")]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m","@ra":{"a":[{"name":"no"}],"service.name":"shop"}}""", "shop")]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m","Application":"","@ra":{"service.name":"shop"}}""", "shop")]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m","Application":5}""", "5")]
    [InlineData("""{"@t":"2026-11-22T07:00:00Z","@m":"m","Application":"a\u0007b"}""", "a\uFFFDb")]
    public async Task The_source_is_the_application_else_the_service_else_a_fixed_one(string line, string source) => Assert.Equal(source, (await ReadAsync(line)).Event.Source);

    [Fact]
    public async Task The_property_of_the_source_is_a_setting()
    {
        var clef = new ClefApi(new ClefOptions { SourceProperty = "Machine" }, ReadRequest.Store, ReadRequest.Time);
        var read = await ReadRequest.OfAsync(clef, """{"@m":"m","Application":"a","Machine":"b"}""", Type);
        Assert.Equal("b", read.Event.Source);
    }

    [Theory]
    [InlineData("Verbose", Severity.Trace, true)]
    [InlineData("Fatal", Severity.Critical, true)]
    [InlineData("WARN", Severity.Warning, true)]
    [InlineData("Error", Severity.Error, false)]
    [InlineData("Odd", Severity.Information, true)]
    public async Task A_level_is_understood_and_kept_as_it_was_where_it_says_more(string sent, Severity level, bool isKept)
    {
        var read = await ReadAsync($$"""{"@m":"m","@l":"{{sent}}"}""");
        Assert.Equal(level, read.Event.Level);
        Assert.Equal(isKept ? sent : null, read["@l"]?.GetValue<string>());
    }

    [Theory]
    [InlineData("{A}", "1")]
    [InlineData("{{A}}", "{A}")]
    [InlineData("{A,5:000} {B}", "1 x\"y")]
    [InlineData("{Missing} {A", "{Missing} {A")]
    [InlineData("{} } {$B} {@A}", "{} } x\"y 1")]
    [InlineData("", "")]
    public async Task A_template_is_rendered_with_the_properties(string template, string message) =>
        Assert.Equal(message, (await ReadAsync($$"""{"@mt":"{{template}}","A":1,"B":"x\"y"}""")).Event.Message);

    [Fact]
    public async Task A_template_that_would_become_too_long_is_the_message_itself()
    {
        var template = string.Concat(Enumerable.Repeat("{A}", 500));
        var read = await ReadAsync($$"""{"@mt":"{{template}}","A":"{{new string('x', 50_000)}}"}""");
        Assert.Equal(template, read.Event.Message);
    }

    [Theory]
    [InlineData("{a")]
    [InlineData("{a}")]
    [InlineData("{a{b")]
    [InlineData("}a")]
    public void A_template_of_braces_takes_time_by_its_length(string braces)
    {
        var message = new ClefMessage();
        var whole = Template(64 * 1024 / braces.Length);
        var sixteenth = Template(4 * 1024 / braces.Length);
        Assert.Equal(whole, message.Render([], whole, []));
        // Sixteen times the length took 256 times the time where each brace looked for its other one; the best of a few is what the machine was not busy in.
        Assert.InRange(Shortest(whole), TimeSpan.Zero, 64 * Shortest(sixteenth) + TimeSpan.FromMilliseconds(1));

        byte[] Template(int times) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(braces, times)));

        TimeSpan Shortest(byte[] template) => Enumerable.Range(0, 20).Min(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            message.Render([], template, []);
            return Stopwatch.GetElapsedTime(start);
        });
    }

    [Fact]
    public async Task A_template_that_is_too_long_is_refused_unrendered()
    {
        var read = await ReadAsync($$"""{"@mt":"{{string.Concat(Enumerable.Repeat("{A}", 30_000))}}","A":""}""");
        Assert.Equal(["message must have at most 65536 bytes of UTF-8"], read.Problems);
    }

    [Fact]
    public async Task An_event_without_a_time_gets_that_of_its_receipt()
    {
        var read = await ReadAsync("""{"@m":"m"}""");
        Assert.Equal(ReadRequest.Now, read.Event.Timestamp);
        Assert.False(Assert.Single(read.Batch.Entries).HasOwnTimestamp);
    }

    [Theory]
    [InlineData("""{"@t":"yesterday","@m":"m"}""", "@t must be a time as in RFC 3339, e.g. 2026-11-22T07:00:00.123Z")]
    [InlineData("""{"@m":7}""", "@m must be a text")]
    [InlineData("""{"@m":"m"} {}""", "event must be a JSON object")]
    [InlineData("""{"@m":"m",}""", "event must be a JSON object")]
    [InlineData("[1]", "event must be a JSON object")]
    [InlineData("nothing", "event must be a JSON object")]
    public async Task A_broken_line_is_rejected_by_itself(string line, string problem)
    {
        var read = await ReadAsync($"{Good}\n{line}\n\n{Good}\r\n");
        Assert.Equal([problem], read.Problems);
        Assert.Equal(2, read.Events.Count);
    }

    [Fact]
    public async Task The_older_form_says_the_same()
    {
        const string Raw = """
            {"Events":[{"Timestamp":"2026-11-22T08:00:00.123+01:00","Level":"Warning","MessageTemplate":"Order {Id}","Exception":"no","EventType":5,"TraceId":"t","SpanId":"s",
            "Other":[1],"Properties":{"Id":7,"Application":"checkout","Timestamp":"p"}},{"Timestamp":"never"}, 5]}
            """;
        var read = await ReadRequest.OfAsync(s_clef, Raw, "application/json; charset=utf-8", "/api/events/raw");
        var only = Assert.Single(read.Events);
        Assert.Equal(("checkout", Severity.Warning, "Order 7"), (only.Source, only.Level, only.Message));
        Assert.Equal(
            """{"@x":"no","@i":5,"trace_id":"t","span_id":"s","Other":"[1]","Id":7,"Application":"checkout","Timestamp":"p","@mt":"Order {Id}"}""",
            only.Attributes);
        Assert.Equal(2, read.Problems.Count);
    }

    [Theory]
    [InlineData("/api/events/raw", "{\"Events\":[", 400)]
    [InlineData("/api/events/raw", "{\"Event\":[]}", 400)]
    [InlineData("/api/events/raw", "[]", 400)]
    [InlineData("/api/events/raw", "", 400)]
    public async Task The_older_form_is_refused_as_a_whole_where_it_is_none(string path, string body, int status) =>
        Assert.Equal(status, (await ReadRequest.RefusedAsync(s_clef, Encoding.UTF8.GetBytes(body), "application/json", path)).Status);

    [Theory]
    [InlineData("application/vnd.serilog.clef; charset=utf-8", "/ingest/clef")]
    [InlineData("application/json", "/ingest/clef")]
    [InlineData("application/json", "/api/events/raw?clef")]
    [InlineData("application/vnd.serilog.clef", "/api/events/raw")]
    [InlineData("application/x-ndjson", "/api/events/raw")]
    [InlineData("", "/ingest/clef")]
    public async Task Clef_is_known_by_its_type_or_its_route(string type, string path) => Assert.Single((await ReadRequest.OfAsync(s_clef, Good, type, path)).Events);

    [Theory]
    [InlineData("application/xml", null, 415)]
    [InlineData("application/vnd.serilog.clef; charset=utf-16", null, 415)]
    [InlineData("nonsense", null, 415)]
    [InlineData("application/vnd.serilog.clef", "br", 415)]
    [InlineData("application/vnd.serilog.clef", "gzip", 400)]
    public async Task What_is_no_such_body_is_refused(string type, string? encoding, int status) =>
        Assert.Equal(status, (await ReadRequest.RefusedAsync(s_clef, Encoding.UTF8.GetBytes(Good), type, "/", [.. encoding is null ? [] : new[] { ("Content-Encoding", encoding) }])).Status);

    [Fact]
    public async Task An_event_of_a_fine_time_has_the_same_id_in_whichever_request_it_comes()
    {
        var first = await ReadAsync($"{Good}\n{Good}");
        var filled = await ReadAsync($$"""{"@t":"2026-11-22T07:00:00.1234568Z"}{{'\n'}}{{Good}}{{'\n'}}{{Good}}{{'\n'}}{{Good}}""");
        Assert.Equal(first.Events.Select(read => read.Id), filled.Events.Skip(1).Take(2).Select(read => read.Id));
        Assert.Equal(4, filled.Events.Select(read => read.Id).Distinct().Count());
    }

    [Theory]
    [InlineData("""{"@t":"2026-11-22T07:00:00.123Z","@m":"m"}""")]
    [InlineData("""{"@m":"m"}""")]
    public async Task Of_a_coarse_time_it_is_the_request_that_has_the_same_ids(string line)
    {
        var first = await ReadAsync($"{line}\n{line}");
        var again = await ReadAsync($"{line}\n{line}");
        var other = await ReadAsync($"{line}\n{line}\n{line}");
        Assert.Equal(first.Events.Select(read => read.Id), again.Events.Select(read => read.Id));
        Assert.Equal(5, first.Events.Concat(other.Events).Select(read => read.Id).Distinct().Count());
    }

    [Fact]
    public async Task Nothing_is_no_mistake() => Assert.Empty((await ReadAsync("\n")).Batch.Entries);

    [Fact]
    public async Task Deep_and_large_events_are_kept_or_rejected_by_themselves()
    {
        var deep = $$"""{"@m":"m","deep":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        var broken = new string('{', 10_000);
        var large = $$"""{"@m":"m","a":"{{new string('x', 2_000_000)}}"}""";
        var read = await AnyBytes.WithSteadyMemoryAsync(() => ReadAsync($"{deep}\n{broken}\n{large}\n{Good}"));
        Assert.Equal(2, read.Events.Count);
        Assert.Equal(["event must be a JSON object", "event must have at most 1048576 bytes"], read.Problems);
        Assert.Equal(20_000, ReadRequest.AttributesOf(read.Events[0])["deep"]!.GetValue<string>().Length);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_rejected_by_themselves()
    {
        var read = await ReadRequest.OfAsync(s_clef, [.. "{\"@m\":\""u8, 0xff, .. "\"}\n{\"@m\":7}\n"u8], Type);
        Assert.Equal(["event must be in UTF-8", "@m must be a text"], read.Problems);
    }

    [Theory]
    [InlineData("""{"@m":"a\ud800b"}""", "a\uFFFDb", """{"message":"a\ud800b"}""")]
    [InlineData("""{"@m":"\ud83d\ude00\udc00\\ud800"}""", "😀\uFFFD\\ud800", """{"message":"\ud83d\ude00\udc00\\ud800"}""")]
    [InlineData("""{"@mt":"{A}\udfff","A":1}""", "1\uFFFD", """{"@mt":"{A}\udfff"}""")]
    [InlineData("""{"@mt":"{A}","A":"x\ud800"}""", "x\uFFFD", """{"A":"x\ud800"}""")]
    [InlineData("""{"@m":"m","Application":"s\ud800","@l":"\ud800"}""", "m", """{"Application":"s\ud800","@l":"\ud800"}""")]
    [InlineData("""{"@m":"m","Application":"s\ud800","a\ud800":1,"@x":"\ud800"}""", "m", """{"Application":"s\ud800","@x":"\ud800"}""")]
    public async Task Half_of_a_surrogate_pair_is_replaced_and_kept_as_it_was(string line, string message, string more)
    {
        var read = await ReadAsync(line);
        Assert.Equal(message, read.Event.Message);
        Assert.Equal(more, read["more"]!.GetValue<string>());
        Assert.Equal(line.Contains("Application", StringComparison.Ordinal) ? "s\uFFFD" : "clef", read.Event.Source);
    }

    [Fact]
    public async Task More_events_than_a_request_may_have_are_413() =>
        Assert.Equal((int)HttpStatusCode.RequestEntityTooLarge, (await ReadRequest.RefusedAsync(s_clef, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"@m\":\"m\"}\n", 10_001))), Type)).Status);

    [Property(MaxTest = 500)]
    public bool Any_event_comes_through_with_nothing_lost(int seed)
    {
        var random = new Random(seed);
        var fields = AnyFields.Object(random);
        var message = AnyFields.Text(random);
        var sent = fields.DeepClone().AsObject();
        sent["@t"] = "2026-11-22T07:00:00.5Z";
        sent["@m"] = message;
        var read = ReadAsync(AnyFields.Written(sent, random)).GetAwaiter().GetResult();
        var attributes = ReadRequest.AttributesOf(read.Event);
        return (read.Event.Message == message || (message.Contains('\0', StringComparison.Ordinal) && AnyFields.IsKept(attributes, "message", message)))
            && fields.All(field => AnyFields.IsKept(attributes, field.Key, field.Value));
    }

    [Property(MaxTest = 1000)]
    public bool Any_bytes_are_read_or_refused(byte[] bytes) => AnyBytes.AreReadOrRefused(s_clef, bytes, Type);

    [Property(MaxTest = 1000)]
    public bool Broken_bodies_are_read_or_refused(int seed)
    {
        var random = new Random(seed);
        return AnyBytes.AreReadOrRefused(s_clef, AnyBytes.Broken(Encoding.UTF8.GetBytes($"{Good}\n{Good}"), random), Type)
            && AnyBytes.AreReadOrRefused(s_clef, AnyBytes.Broken(Encoding.UTF8.GetBytes($$"""{"Events":[{{Good}}]}"""), random), "application/json", "/api/events/raw");
    }

    private static Task<ReadRequest> ReadAsync(string body) => ReadRequest.OfAsync(s_clef, body, Type, "/ingest/clef");
}
