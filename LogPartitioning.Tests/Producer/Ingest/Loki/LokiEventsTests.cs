using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Ingest.Loki;
using Snappier;
using Entry = LogPartitioning.Tests.Producer.Ingest.Loki.PushBytes.Entry;

namespace LogPartitioning.Tests.Producer.Ingest.Loki;

public sealed class LokiEventsTests
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    private static readonly LokiApi s_loki = new(new LokiOptions(), ReadRequest.Store, ReadRequest.Time);
    private static readonly long s_time = (ReadRequest.Now.AddHours(-1) - DateTimeOffset.UnixEpoch).Ticks * 100;

    [Fact]
    public async Task An_entry_is_the_same_in_both_forms()
    {
        var packed = await ReadRequest.OfAsync(s_loki, PushBytes.Of(("""{app="shop", level="warn", path="C:\\a"}""", [new(s_time + 1789, "a line", ("trace_id", "t"), ("n", "1"))])), Protobuf, "/", (LokiEvents.TenantHeader, "team-1"));
        var json = await ReadRequest.OfAsync(s_loki, $$$"""{"streams":[{"stream":{"app":"shop","level":"warn","path":"C:\\a"},"values":[["{{{s_time + 1789}}}","a line",{"trace_id":"t","n":"1"}]]}]}""", Json, "/", (LokiEvents.TenantHeader, "team-1"));
        Assert.Equal(packed.Event with { Id = json.Event.Id }, json.Event);
        Assert.Equal(("shop", Severity.Warning, "a line"), (json.Event.Source, json.Event.Level, json.Event.Message));
        Assert.Equal(ReadRequest.Now.AddHours(-1).AddMicroseconds(1), json.Event.Timestamp);
        Assert.Equal("""{"app":"shop","level":"warn","path":"C:\\a","trace_id":"t","n":"1","timestamp_nanos":789,"X-Scope-OrgID":"team-1"}""", json.Event.Attributes);
    }

    [Theory]
    [InlineData("""{job="j", app="a", service_name="s"}""", "s")]
    [InlineData("""{job="j", app="a"}""", "a")]
    [InlineData("""{app="", job="j"}""", "j")]
    [InlineData("""{host="h",env="e"}""", "{host=\"h\", env=\"e\"}")]
    [InlineData("{}", "loki")]
    public async Task The_source_is_one_of_the_labels_else_all_of_them(string labels, string source) =>
        Assert.Equal(source, (await ReadAsync((labels, [new(s_time, "m")]))).Event.Source);

    [Fact]
    public async Task The_labels_of_the_source_are_a_setting()
    {
        var other = new LokiApi(new LokiOptions { SourceLabels = "container, host" }, ReadRequest.Store, ReadRequest.Time);
        Assert.Equal("h", (await ReadRequest.OfAsync(other, PushBytes.Of(("""{app="a", host="h"}""", [new(s_time, "m")])), Protobuf)).Event.Source);
    }

    [Theory]
    [InlineData("""{app="a", level="error"}""", "", Severity.Error)]
    [InlineData("""{app="a", level="error"}""", "debug", Severity.Debug)]
    [InlineData("""{app="a", severity="FATAL"}""", "odd", Severity.Critical)]
    [InlineData("""{app="a"}""", "", Severity.Information)]
    public async Task The_level_is_that_of_the_entry_else_of_the_stream(string labels, string detected, Severity level)
    {
        var read = await ReadAsync((labels, [new(s_time, "m", ("detected_level", detected))]));
        Assert.Equal((level, detected), (read.Event.Level, read["detected_level"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Labels_may_come_after_the_entries()
    {
        var read = await ReadRequest.OfAsync(s_loki, $$$"""{"other":[{}],"streams":[{"values":[["{{{s_time}}}","m"]],"stream":{"app":"shop"},"more":{}}],"format":"loki"}""", Json);
        Assert.Equal("shop", read.Event.Source);
    }

    [Fact]
    public async Task A_broken_entry_is_rejected_by_itself()
    {
        var body = $$$"""
            {"streams":[{"stream":{"app":"a"},"values":[["{{{s_time}}}","1"],["soon","2"],[{{{s_time}}},"3"],["{{{s_time}}}"],7,["{{{s_time}}}",8],["{{{s_time}}}","9",[]],["0","10"]]},
            {"stream":5,"values":[["{{{s_time}}}","11"]]},6,{"stream":{"app":{}},"values":[["{{{s_time}}}","12"]]},{"stream":{"app":"a"},"values":null},{"stream":{"app":"a"},"values":[["{{{s_time}}}","13",{"a":1}]]}]}
            """;
        var read = await ReadRequest.OfAsync(s_loki, body, Json);
        Assert.Equal(["1", "13"], read.Events.Select(entry => entry.Message));
        Assert.Equal(10, read.Problems.Count);
        Assert.Contains("timestamp must be between", read.Problems[6], StringComparison.Ordinal);
        Assert.StartsWith("labels must be labels", read.Problems[7], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_that_cannot_be_read_reject_their_stream_alone()
    {
        var read = await ReadAsync(("nonsense", [new(s_time, "1"), new(s_time, "2")]), ("{app=\"a\"}", [new(s_time, "3")]), ("{app=\"a\"}", [new(-1, "4")]));
        Assert.Equal(["3"], read.Events.Select(entry => entry.Message));
        Assert.Equal(3, read.Problems.Count);
    }

    [Fact]
    public async Task A_line_that_is_no_text_is_kept_whole_beside_what_can_be_read_of_it()
    {
        var read = await ReadAsync(("{app=\"a\"}", [new(s_time, [0x61, 0xff, 0x62])]));
        Assert.Equal("a\uFFFDb", read.Event.Message);
        Assert.Equal("{\"message_base64\":\"Yf9i\"}", read["more"]!.GetValue<string>());
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_replaced_and_the_line_is_kept_as_it_was()
    {
        var read = await ReadRequest.OfAsync(s_loki, $$$"""{"streams":[{"stream":{"app":"a"},"values":[["{{{s_time}}}","a\ud800\"b",{"n":"\udc00"}]]}]}""", Json);
        Assert.Equal("a\uFFFD\"b", read.Event.Message);
        Assert.Equal("""{"message":"a\ud800\"b"}""", read["more"]!.GetValue<string>());
        Assert.Equal("\\udc00", read["n"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_entry_has_the_same_id_in_whichever_push_it_comes_and_every_other_one_another()
    {
        const string Labels = "{app=\"a\"}";
        var first = await ReadAsync((Labels, [new(s_time, "m"), new(s_time, "m")]));
        var again = await ReadAsync(("{app=\"b\"}", [new(s_time, "m")]), (Labels, [new(s_time, "other"), new(s_time, "m"), new(s_time, "m"), new(s_time, "m")]));
        Assert.Equal(first.Events.Select(entry => entry.Id), again.Events.Skip(2).Take(2).Select(entry => entry.Id));
        Entry[] others = [new(s_time + 1, "m"), new(s_time, "n"), new(s_time, "m", ("a", "b")), new(s_time, "m", ("ab", ""))];
        var beside = await ReadAsync((Labels, others));
        var tenant = await ReadRequest.OfAsync(s_loki, PushBytes.Of((Labels, [new(s_time, "m")])), Protobuf, "/", (LokiEvents.TenantHeader, "b"));
        Assert.Equal(5 + 4 + 1, new[] { again, beside, tenant }.SelectMany(read => read.Events).Select(entry => entry.Id).Distinct().Count());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_entries_of_a_push_are_sent_in_the_order_of_their_times(bool isOldBehindNew)
    {
        Entry[] Of(params int[] times) => [.. times.Select(time => new Entry(s_time + time, $"{time}"))];
        var read = isOldBehindNew
            ? await ReadAsync(("{app=\"a\"}", Of(5, 6)), ("{app=\"b\"}", Of(3)), ("{app=\"a\"}", Of(1, 2, 4)))
            : await ReadAsync(("{app=\"a\", level=\"info\"}", Of(1, 3, 6)), ("{app=\"a\", level=\"error\"}", Of(2, 4, 5)));
        Assert.Equal(["1", "2", "3", "4", "5", "6"], read.Events.Select(entry => entry.Message));
    }

    [Fact]
    public async Task Entries_of_one_time_are_sent_as_they_stand_in_the_push()
    {
        Entry[] Of(string letter) => [.. Enumerable.Range(0, 50).Select(i => new Entry(s_time, $"{letter}{i}"))];
        var read = await ReadAsync(("{app=\"a\"}", [new(s_time + 1, "last"), .. Of("a")]), ("{app=\"b\"}", [.. Of("b"), new(s_time - 1, "first")]));
        Assert.Equal(["first", .. Of("a").Concat(Of("b")).Select(entry => Encoding.UTF8.GetString(entry.Line)), "last"], read.Events.Select(entry => entry.Message));
    }

    [Fact]
    public async Task The_order_changes_no_id_and_no_place_in_the_push()
    {
        const string Labels = "{app=\"a\"}";
        var ascending = await ReadAsync((Labels, [new(s_time, "m"), new(s_time, "m"), new(s_time + 1, "n")]));
        var other = await ReadAsync((Labels, [new(s_time + 1, "n"), new(-1, "old"), new(s_time, "m")]), ("nonsense", [new(s_time, "o")]), (Labels, [new(s_time, "m")]));
        Assert.Equal(ascending.Events.Select(entry => entry.Id), other.Events.Select(entry => entry.Id));
        Assert.Equal(
            [(0, null), (1, "timestamp"), (2, null), (3, "labels"), (4, null)],
            other.Batch.Entries.Select((entry, i) => (Place: other.Batch.PlaceOf(i), entry.Problem?.Split(' ')[0])).OrderBy(entry => entry.Place));
    }

    [Theory]
    [InlineData(Protobuf, "snappy")]
    [InlineData("", null)]
    [InlineData("application/octet-stream", "SNAPPY")]
    public async Task Clients_say_or_do_not_say_that_it_is_packed(string type, string? encoding)
    {
        var push = PushBytes.Of(("{app=\"a\"}", [new(s_time, "m")]));
        Assert.Equal("a", (await ReadRequest.OfAsync(s_loki, push, type, "/", [.. encoding is null ? [] : new[] { ("Content-Encoding", encoding) }])).Event.Source);
    }

    [Theory]
    [InlineData(Json, "")]
    [InlineData(Json, "{")]
    [InlineData(Json, "[]")]
    [InlineData(Json, "{\"streams\":{}}")]
    [InlineData(Protobuf, "")]
    [InlineData(Protobuf, "nonsense")]
    public async Task What_is_no_push_is_refused(string type, string body) => Assert.Equal(400, (await ReadRequest.RefusedAsync(s_loki, Encoding.UTF8.GetBytes(body), type)).Status);

    [Theory]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0x0f, 0 }, 400)] // 4 GiB, which is no length
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x04, 0 }, 413)] // 1 GiB
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x08, 0 }, 413)] // 16 MiB and a byte
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x08, 0 }, 400)] // 16 MiB, and not there
    [InlineData(new byte[] { 0x04, 0x01, 0x10 }, 400)] // a copy of what was not written
    [InlineData(new byte[] { 0x80 }, 400)]
    public async Task A_claimed_length_is_looked_at_before_anything_is_unpacked(byte[] body, int status)
    {
        var refused = await AnyBytes.WithSteadyMemoryAsync(() => ReadRequest.RefusedAsync(s_loki, body, Protobuf));
        Assert.Equal(status, refused.Status);
    }

    [Theory]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f })] // a stream of 4 GiB
    [InlineData(new byte[] { 0x0a, 0x03, 0x12, 0x7f, 0x00 })] // an entry that is longer than its stream
    [InlineData(new byte[] { 0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 })] // a number without an end
    [InlineData(new byte[] { 0x0b })] // a group
    [InlineData(new byte[] { 0x02, 0x00 })] // the field 0
    [InlineData(new byte[] { 0x09, 0x00 })] // eight bytes that are not there
    public async Task Lengths_that_are_wrong_are_refused_and_nothing_is_taken(byte[] push)
    {
        byte[] body = [.. PushBytes.Unpacked(("{app=\"a\"}", [new(s_time, "m")])), .. push];
        Assert.Equal(400, (await ReadRequest.RefusedAsync(s_loki, Snappy.CompressToArray(body), Protobuf)).Status);
    }

    [Fact]
    public async Task Deep_json_is_refused_or_passed_over()
    {
        var deep = $"{new string('[', 10_000)}{new string(']', 10_000)}";
        var body = $$$"""{"deep":{{{deep}}},"streams":[{"stream":{"app":"a"},"values":[["{{{s_time}}}","m"],{{{deep}}}],"deep":{{{deep}}}}]}""";
        var read = await AnyBytes.WithSteadyMemoryAsync(() => ReadRequest.OfAsync(s_loki, body, Json));
        Assert.Single(read.Events);
        Assert.Single(read.Problems);
        Assert.Equal(400, (await ReadRequest.RefusedAsync(s_loki, Encoding.UTF8.GetBytes($"{{\"streams\":{new string('[', 10_000)}"), Json)).Status);
    }

    [Fact]
    public async Task Labels_that_are_said_once_cannot_make_much_of_little()
    {
        var labels = $"{{app=\"{new string('x', 60_000)}\"}}";
        var push = PushBytes.Of((labels, [.. Enumerable.Range(0, 9_000).Select(_ => new Entry(s_time, "m"))]));
        Assert.InRange(push.Length, 1, 300_000);
        Assert.Equal(413, (await AnyBytes.WithSteadyMemoryAsync(() => ReadRequest.RefusedAsync(s_loki, push, Protobuf))).Status);
    }

    [Fact]
    public async Task Pairs_without_a_name_and_a_value_count_as_well()
    {
        var labels = string.Join(',', Enumerable.Repeat("\"\":\"\"", 10_000));
        var entries = string.Join(',', Enumerable.Repeat($"[\"{s_time}\",\"m\"]", 9_000));
        var push = Encoding.UTF8.GetBytes($$$"""{"streams":[{"stream":{{{{labels}}}},"values":[{{{entries}}}]}]}""");
        Assert.Equal(413, (await ReadRequest.RefusedAsync(s_loki, push, Json)).Status);
    }

    [Theory]
    [InlineData(100_000, 0, "labels must have at most 65536 bytes")]
    [InlineData(0, 100_000, "attributes must have at most 65536 bytes: labels and metadata have more together")]
    [InlineData(6_000, 6_000, "attributes must have at most 65536 bytes: labels and metadata have more together")]
    public async Task Labels_and_metadata_that_are_too_many_are_rejected_before_they_are_put_together(int labels, int metadata, string problem)
    {
        string Pairs(int count) => string.Join(',', Enumerable.Repeat("\"\":\"\"", count));
        var entry = $$$"""["{{{s_time}}}","m",{{{{Pairs(metadata)}}}}]""";
        var push = Encoding.UTF8.GetBytes($$$"""{"streams":[{"stream":{{{{Pairs(labels)}}}},"values":[{{{string.Join(',', Enumerable.Repeat(entry, 10))}}}]}]}""");
        await ReadRequest.OfAsync(s_loki, push, Json);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = await ReadRequest.OfAsync(s_loki, push, Json);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * push.Length) + 1_000_000);
        Assert.Equal(Enumerable.Repeat(problem, 10), read.Problems);
    }

    [Property(MaxTest = 500)]
    public bool Any_push_comes_through_with_nothing_lost(int seed)
    {
        var random = new Random(seed);
        var labels = Pairs(random, "l");
        var metadata = Pairs(random, "m");
        var line = AnyFields.Text(random);
        var set = $"{{{string.Join(", ", labels.Select(label => $"{label.Name}={Quoted(label.Value)}"))}}}";
        var nanoseconds = s_time + random.Next();
        var packed = ReadAsync((set, [new(nanoseconds, line, metadata)])).GetAwaiter().GetResult();
        var json = ReadRequest.OfAsync(s_loki, AnyFields.Written(
            new JsonObject
            {
                ["streams"] = new JsonArray(new JsonObject
                {
                    ["stream"] = Object(labels),
                    ["values"] = new JsonArray(new JsonArray(nanoseconds.ToString(CultureInfo.InvariantCulture), line, Object(metadata))),
                }),
            },
            random), Json).GetAwaiter().GetResult();
        return IsWhole(packed) && IsWhole(json);

        bool IsWhole(ReadRequest read)
        {
            var attributes = ReadRequest.AttributesOf(read.Event);
            return (read.Event.Message == line || AnyFields.IsKept(attributes, "message", line))
                && ((read.Event.Timestamp - DateTimeOffset.UnixEpoch).Ticks * 100) + (attributes["timestamp_nanos"]?.GetValue<long>() ?? 0) == nanoseconds
                && labels.Concat(metadata).All(pair => AnyFields.IsKept(attributes, pair.Name, pair.Value));
        }
    }

    [Property(MaxTest = 1000)]
    public bool Any_bytes_are_read_or_refused(byte[] bytes) =>
        AnyBytes.AreReadOrRefused(s_loki, bytes, Json) && AnyBytes.AreReadOrRefused(s_loki, bytes, Protobuf) && AnyBytes.AreReadOrRefused(s_loki, Snappy.CompressToArray(bytes), Protobuf);

    [Property(MaxTest = 1000)]
    public bool Broken_pushes_are_read_or_refused(int seed)
    {
        var random = new Random(seed);
        (string, Entry[]) stream = ("{app=\"a\", b=\"c\"}", [new(s_time, "line", ("n", "v")), new(s_time + 5, "other")]);
        return AnyBytes.AreReadOrRefused(s_loki, AnyBytes.Broken(PushBytes.Of(stream), random), Protobuf)
            && AnyBytes.AreReadOrRefused(s_loki, Snappy.CompressToArray(AnyBytes.Broken(PushBytes.Unpacked(stream), random)), Protobuf)
            && AnyBytes.AreReadOrRefused(s_loki, AnyBytes.Broken(Encoding.UTF8.GetBytes($$$"""{"streams":[{"stream":{"a":"b"},"values":[["{{{s_time}}}","m",{"c":"d"}]]}]}"""), random), Json);
    }

    private static Task<ReadRequest> ReadAsync(params (string Labels, Entry[] Entries)[] streams) => ReadRequest.OfAsync(s_loki, PushBytes.Of(streams), Protobuf);

    private static (string Name, string Value)[] Pairs(Random random, string prefix) => [.. Enumerable.Range(0, random.Next(5)).Select(i => ($"{prefix}{i}", AnyFields.Text(random)))];

    private static JsonObject Object(IEnumerable<(string Name, string Value)> pairs) => new(pairs.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Name, pair.Value)));

    private static string Quoted(string value) => $"\"{string.Concat(value.EnumerateRunes().Select(rune => rune.Value switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
        _ => rune.ToString(),
    }))}\"";
}
