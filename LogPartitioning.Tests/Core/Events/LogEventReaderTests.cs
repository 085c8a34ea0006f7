using System.Text;
using LogPartitioning.Core.Events;
using Microsoft.Extensions.Time.Testing;

namespace LogPartitioning.Tests.Core.Events;

public sealed class LogEventReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 7, 0, 0, 123, 456, TimeSpan.Zero);
    private static readonly LogEventReader Reader = new(new FakeTimeProvider(Now.AddTicks(7)));

    [Fact]
    public void Every_field_is_taken_over()
    {
        var read = Accepted("""
            { "id": "0199B0C4-5f0e-7a44-9a9f-0d7c4a5b6e21", "source": "checkout-7", "level": "WARN", "message": "hé😀\n",
              "timestamp": "2026-11-22T09:00:00.5+02:00",
              "attributes": { "s": "t", "n": 1.50, "b": true, "z": null, "long": 12345678901234567890 } }
            """);
        Assert.Equal(new LogEvent(
            Guid.Parse("0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21"),
            "checkout-7",
            Severity.Warning,
            "hé😀\n",
            new DateTimeOffset(2026, 11, 22, 7, 0, 0, 500, TimeSpan.Zero),
            """{"s":"t","n":1.50,"b":true,"z":null,"long":12345678901234567890}"""), read);
    }

    [Theory]
    [InlineData("""{"source":"a","message":""}""")]
    [InlineData("""{"id":null,"source":"a","level":null,"message":"","timestamp":null,"attributes":null}""")]
    public void What_is_left_out_or_null_is_filled_in(string json)
    {
        var read = Accepted(json);
        Assert.Equal(7, read.Id.Version);
        Assert.Equal(Severity.Information, read.Level);
        Assert.Equal(Now, read.Timestamp); // To the microsecond: the ticks below are cut off.
        Assert.Null(read.Attributes);
        Assert.Equal("", read.Message);
    }

    [Theory]
    [InlineData("""{"message":"m"}""", "source", "is required")]
    [InlineData("""{"source":null,"message":"m"}""", "source", "is required")]
    [InlineData("""{"source":"","message":"m"}""", "source", "1 to 255 characters")]
    [InlineData("""{"source":"a\tb","message":"m"}""", "source", "control characters")]
    [InlineData("""{"source":"a\u007fb","message":"m"}""", "source", "control characters")]
    [InlineData("""{"source":"a\u0085b","message":"m"}""", "source", "control characters")]
    [InlineData("""{"source":"a\u0000b","message":"m"}""", "source", "control characters")]
    [InlineData("""{"source":"a\ud800","message":"m"}""", "source", "surrogate")]
    [InlineData("""{"source":5,"message":"m"}""", "source", "must be a string, not a number")]
    [InlineData("""{"source":"a"}""", "message", "is required")]
    [InlineData("""{"source":"a","message":["m"]}""", "message", "must be a string, not an array")]
    [InlineData("""{"source":"a","message":"\u0000"}""", "message", "U+0000")]
    [InlineData("""{"source":"a","message":"\udc00 tail"}""", "message", "surrogate")]
    [InlineData("""{"source":"a","message":"m","id":"42"}""", "id", "UUID")]
    [InlineData("""{"source":"a","message":"m","id":"0199b0c45f0e7a449a9f0d7c4a5b6e21"}""", "id", "UUID")]
    [InlineData("""{"source":"a","message":"m","id":"{0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21}"}""", "id", "UUID")]
    [InlineData("""{"source":"a","message":"m","id":"00000000-0000-0000-0000-000000000000"}""", "id", "nil")]
    [InlineData("""{"source":"a","message":"m","id":"ffffffff-ffff-ffff-ffff-ffffffffffff"}""", "id", "max")]
    [InlineData("""{"source":"a","message":"m","id":7}""", "id", "must be a string")]
    [InlineData("""{"source":"a","message":"m","level":"loud"}""", "level", "Trace, Debug")]
    [InlineData("""{"source":"a","message":"m","level":2}""", "level", "must be a string")]
    [InlineData("""{"source":"a","message":"m","timestamp":"now"}""", "timestamp", "RFC 3339")]
    [InlineData("""{"source":"a","message":"m","timestamp":1763794800}""", "timestamp", "must be a string")]
    [InlineData("""{"source":"a","message":"m","attributes":[]}""", "attributes", "must be a JSON object, not an array")]
    [InlineData("""{"source":"a","message":"m","attributes":"x"}""", "attributes", "must be a JSON object, not a string")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":{"y":1}}}""", "attributes.x", "not an object")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":[1]}}""", "attributes.x", "not an array")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":"\u0000"}}""", "attributes.x", "U+0000")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":"\udfff"}}""", "attributes.x", "surrogate")]
    [InlineData("""{"source":"a","message":"m","attributes":{"":1}}""", "attributes.", "name of 1 to 128")]
    [InlineData("""{"source":"a","message":"m","attributes":{"a\u0001":1}}""", "attributes.a\u0001", "control characters")]
    [InlineData("""{"source":"a","message":"m","attributes":{"\ud800":1}}""", "attributes", "surrogate")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":1,"x":2}}""", "attributes.x", "must appear once")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":1e999}}""", "attributes.x", "64-bit float")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":1e-999}}""", "attributes.x", "64-bit float")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":0e999999}}""", "attributes.x", "64-bit float")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":11111111111111111111111111111111111111111111111111111111111111111}}""", "attributes.x", "64 characters")]
    [InlineData("""{"source":"a","source":"b","message":"m"}""", "source", "must appear once")]
    [InlineData("""{"source":"a","message":"m","Level":"info"}""", "Level", "is not a field of an event")]
    [InlineData("""{"source":"a","message":"m","extra":{"deep":[1,{"x":2}]}}""", "extra", "is not a field of an event")]
    [InlineData("""{"source":"a","message":"m","\ud800":1}""", "surrogate", "is not a field of an event")]
    [InlineData("[]", "event", "must be a JSON object, not an array")]
    [InlineData("3", "event", "must be a JSON object, not a number")]
    [InlineData("null", "event", "must be a JSON object, not null")]
    [InlineData("", "event", "well-formed JSON")]
    [InlineData("{", "event", "well-formed JSON")]
    [InlineData("""{"source":"a","message":"m"} x""", "event", "well-formed JSON (line 1, byte 30)")]
    [InlineData("""{"source":"a","message":"m",}""", "event", "well-formed JSON")]
    [InlineData("""{"source":"a" /* no */,"message":"m"}""", "event", "well-formed JSON")]
    [InlineData("""{"source":"a","message":"\x"}""", "event", "well-formed JSON")]
    [InlineData("""{"source":"a","message":"m","attributes":{"x":01}}""", "event", "well-formed JSON")]
    public void A_broken_rule_is_named_with_its_field(string json, string field, string rule)
    {
        var problem = Assert.Single(Reader.Read(Encoding.UTF8.GetBytes(json), out var read));
        Assert.Null(read);
        Assert.Contains(field, problem.Field, StringComparison.Ordinal);
        Assert.Contains(rule, problem.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_broken_rule_is_named_at_once()
    {
        var problems = Problems("""{"id":"x","source":7,"level":"loud","timestamp":"now","attributes":{"a":[],"b":{}}}""");
        Assert.Equal(
            ["id", "source", "level", "timestamp", "attributes.a", "attributes.b", "message"],
            problems.Select(problem => problem.Field));
    }

    [Fact]
    public void The_problems_of_one_event_are_bounded_in_number_and_length()
    {
        var fields = string.Join(",", Enumerable.Range(0, 500).Select(i => $"\"{new string('x', 5000)}{i}\":1"));
        var problems = Problems($"{{{fields}}}");
        Assert.Equal(16, problems.Count);
        Assert.All(problems, problem => Assert.InRange(problem.Field.Length, 1, 65));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_source_has_at_most_255_characters_however_many_bytes_each(int characters, bool accepted)
    {
        foreach (var character in new[] { "a", "é", "😀" })
        {
            var source = string.Concat(Enumerable.Repeat(character, characters));
            var problems = Problems($$"""{"source":"{{source}}","message":"m"}""");
            Assert.Equal(accepted, problems.Count == 0);
        }
    }

    [Theory]
    [InlineData("a", 65_536, true)]
    [InlineData("a", 65_537, false)]
    [InlineData("é", 32_768, true)]
    [InlineData("é", 32_769, false)]
    [InlineData("😀", 16_384, true)]
    [InlineData("😀", 16_385, false)]
    [InlineData("\\u0001", 65_536, true)]
    public void A_message_has_at_most_64_KiB_of_utf8(string character, int count, bool accepted)
    {
        var message = string.Concat(Enumerable.Repeat(character, count));
        var problems = Problems($$"""{"source":"a","message":"{{message}}"}""");
        Assert.Equal(accepted ? [] : ["message"], problems.Select(problem => problem.Field));
    }

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void There_are_at_most_64_attributes(int count, bool accepted)
    {
        var attributes = string.Join(",", Enumerable.Range(0, count).Select(i => $"\"a{i}\":{i}"));
        var problems = Problems($$$"""{"source":"a","message":"m","attributes":{ {{{attributes}}} }}""");
        Assert.Equal(accepted ? [] : ["attributes"], problems.Select(problem => problem.Field));
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void An_attribute_name_has_at_most_128_characters(int characters, bool accepted)
    {
        var name = string.Concat(Enumerable.Repeat("😀", characters));
        Assert.Equal(accepted, Problems($$$"""{"source":"a","message":"m","attributes":{"{{{name}}}":1}}""").Count == 0);
    }

    [Fact]
    public void Attributes_have_at_most_64_KiB_as_compact_json()
    {
        static string With(int bytes) => $$$"""{"source":"a","message":"m","attributes":{  "x":   "{{{new string('v', bytes - 8)}}}" }}""";
        Assert.Empty(Problems(With(65_536)));
        Assert.Equal("attributes", Assert.Single(Problems(With(65_537))).Field);
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xFF })]
    public void Bytes_that_are_no_utf8_are_refused(byte[] bytes)
    {
        byte[] json = [.. "{\"source\":\"a\",\"message\":\""u8, .. bytes, .. "\"}"u8];
        Assert.Equal("must be UTF-8", Assert.Single(Reader.Read(json, out _)).Rule);
    }

    [Fact]
    public void Nesting_of_any_depth_is_refused_by_rule()
    {
        const int Depth = 100_000;
        var json = $$$"""{"source":"a","message":"m","attributes":{"x":{{{new string('[', Depth)}}}{{{new string(']', Depth)}}}}}""";
        Assert.Equal("attributes.x", Assert.Single(Problems(json)).Field);
    }

    [Fact]
    public void The_largest_event_fits_the_brokers_default_limit()
    {
        var message = string.Concat(Enumerable.Repeat("\\u0001", 65_536));
        var source = string.Concat(Enumerable.Repeat("😀", 255));
        var json = $$$"""{"source":"{{{source}}}","message":"{{{message}}}","attributes":{"x":"{{{new string('v', 65_528)}}}"}}""";
        Assert.InRange(LogEventJson.Serialize(Accepted(json)).Length, 400_000, 600 * 1024);
    }

    private static LogEvent Accepted(string json)
    {
        Assert.Empty(Reader.Read(Encoding.UTF8.GetBytes(json), out var read));
        return read!;
    }

    private static IReadOnlyList<EventProblem> Problems(string json) => Reader.Read(Encoding.UTF8.GetBytes(json), out _);
}
