using System.Text;
using System.Text.Json.Nodes;
using FsCheck.Xunit;
using LogPartitioning.Core.Events;
using LogPartitioning.Producer.Ingest.Elasticsearch;

namespace LogPartitioning.Tests.Producer.Ingest.Elasticsearch;

public sealed class DocumentEventsTests
{
    private const string Type = "application/x-ndjson";
    private const string Good = """{"@timestamp":"2026-11-22T07:00:00.123456789Z","message":"m","log":{"level":"warn","file":{"path":"/var/log/a"}},"service":{"name":"shop","version":null},"host.name":"h","tags":["a",1],"labels":{},"ok":true,"n":1.50}""";

    private static readonly ElasticsearchApi s_elasticsearch = new(new ElasticsearchOptions(), ReadRequest.Store, ReadRequest.Time);

    [Fact]
    public async Task Every_field_of_a_document_is_kept()
    {
        var read = await ReadAsync("""{"create":{"_index":"logs-shop"}}""", Good);
        Assert.Equal(("shop", Severity.Warning, "m"), (read.Event.Source, read.Event.Level, read.Event.Message));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero).AddMicroseconds(123456), read.Event.Timestamp);
        Assert.Equal(
            """{"log.level":"warn","log.file.path":"/var/log/a","service.name":"shop","service.version":null,"host.name":"h","tags":"[\"a\",1]","labels":"{}","ok":true,"n":1.50,"timestamp_nanos":789,"_index":"logs-shop"}""",
            read.Event.Attributes);
    }

    [Theory]
    [InlineData("""{"message":"m"}""", "logs")]
    [InlineData("""{"message":"m","host":{"name":"h"}}""", "h")]
    [InlineData("""{"message":"m","host":{"name":"h"},"service.name":"s"}""", "s")]
    [InlineData("""{"message":"m","service":{"name":""},"host":"h"}""", "logs")]
    public async Task The_source_is_the_service_else_the_host_else_the_index(string document, string source) =>
        Assert.Equal(source, (await ReadAsync("""{"index":{"_index":"logs"}}""", document)).Event.Source);

    [Fact]
    public async Task The_fields_of_the_source_are_a_setting()
    {
        var other = new ElasticsearchApi(new ElasticsearchOptions { SourceFields = "fields.app, container.name" }, ReadRequest.Store, ReadRequest.Time);
        Assert.Equal(["fields.app", "container.name"], new ElasticsearchOptions { SourceFields = "fields.app, container.name" }.Fields);
        var read = await ReadRequest.OfAsync(other, "{\"index\":{\"_index\":\"i\"}}\n{\"container\":{\"name\":\"c\"},\"service.name\":\"s\"}\n", Type);
        Assert.Equal("c", read.Event.Source);
    }

    [Theory]
    [InlineData("""{"msg":"a"}""", "a", null)]
    [InlineData("""{"log":"a","msg":"b"}""", "b", "{\"log\":\"a\",\"_index\":\"i\"}")]
    [InlineData("""{"message":{"text":"a"},"log":"b"}""", "b", "{\"message.text\":\"a\",\"_index\":\"i\"}")]
    [InlineData("""{"message":7}""", "", "{\"message\":7,\"_index\":\"i\"}")]
    public async Task The_message_is_looked_for_where_loggers_put_it(string document, string message, string? attributes)
    {
        var read = await ReadAsync("""{"index":{"_index":"i"}}""", document);
        Assert.Equal(message, read.Event.Message);
        Assert.Equal(attributes ?? """{"_index":"i"}""", read.Event.Attributes);
    }

    [Theory]
    [InlineData("\"2026-11-22T07:00:00Z\"", "2026-11-22T07:00:00Z")]
    [InlineData("\"2026-11-22T08:00:00.5+01:00\"", "2026-11-22T07:00:00.5Z")]
    [InlineData("\"2026-11-22T07:00:00.123\"", "2026-11-22T07:00:00.123Z")]
    [InlineData("\"2026-11-22\"", "2026-11-22T00:00:00Z")]
    [InlineData("1795330800000", "2026-11-22T07:00:00Z")]
    [InlineData("\"1795330800123\"", "2026-11-22T07:00:00.123Z")]
    public async Task Dates_are_read_as_Elasticsearch_reads_them(string date, string time)
    {
        foreach (var field in new[] { "@timestamp", "timestamp", "time" })
        {
            var read = await ReadAsync("""{"index":{"_index":"i"}}""", $$"""{"{{field}}":{{date}}}""");
            Assert.Equal(time, Rfc3339.Format(read.Event.Timestamp));
            Assert.Equal("""{"_index":"i"}""", read.Event.Attributes);
        }
    }

    [Fact]
    public async Task A_date_that_is_none_is_rejected_by_itself_and_elsewhere_an_attribute()
    {
        var read = await ReadAsync("""{"index":{"_index":"i"}}""", """{"@timestamp":"soon"}""", """{"index":{"_index":"i"}}""", """{"time":"noon"}""");
        Assert.Equal(["@timestamp must be a date or milliseconds since 1970; it is \"soon\""], read.Problems);
        var other = Assert.Single(read.Events);
        Assert.Equal((ReadRequest.Now, """{"time":"noon","_index":"i"}"""), (other.Timestamp, other.Attributes));
    }

    [Theory]
    [InlineData("""{"time":12}""", null)]
    [InlineData("""{"time":0.35,"timestamp":"noon"}""", null)]
    [InlineData("""{"timestamp":1,"time":"2026-11-22T07:00:00Z"}""", "time")]
    [InlineData("""{"time":"2026-11-22T06:00:00Z","timestamp":"2026-11-22T07:00:00Z"}""", "timestamp")]
    [InlineData("""{"time":"2026-11-22T07:00:00Z","timestamp":"9999-01-01T00:00:00Z"}""", "time")]
    [InlineData("""{"time":5,"@timestamp":"2026-11-22T07:00:00Z"}""", "@timestamp")]
    public async Task A_field_that_is_called_time_may_be_a_duration(string document, string? taken)
    {
        var read = await ReadAsync("""{"index":{"_index":"i"}}""", document);
        Assert.Equal(taken is null ? ReadRequest.Now : ReadRequest.Now.AddHours(-1), read.Event.Timestamp);
        var expected = JsonNode.Parse(document)!.AsObject();
        expected.Remove(taken ?? "");
        expected["_index"] = "i";
        Assert.Equal(expected.ToJsonString(), read.Event.Attributes);
    }

    [Theory]
    [InlineData("12", "timestamp must be between")]
    [InlineData("0.35", "@timestamp must be a date or milliseconds since 1970; it is \"0.35\"")]
    public async Task The_field_that_is_for_it_must_be_one(string value, string problem)
    {
        var read = await ReadAsync("""{"index":{"_index":"i"}}""", $$"""{"time":"2026-11-22T07:00:00Z","@timestamp":{{value}}}""");
        Assert.StartsWith(problem, Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_of_a_surrogate_pair_is_replaced_and_kept_as_it_was()
    {
        var read = await ReadAsync("""{"index":{"_index":"i\ud800","_id":"\udc00"}}""", """{"message":"a\ud800b","service":{"name":"s\ud800"},"log":{"level":"\ud800"},"n":[ "\ud800" ]}""");
        Assert.Equal(("a\uFFFDb", "s\uFFFD"), (read.Event.Message, read.Event.Source));
        Assert.Equal("""{"message":"a\ud800b","service.name":"s\ud800","log.level":"\ud800"}""", read["more"]!.GetValue<string>());
        Assert.Equal(("[ \"\\ud800\" ]", "i\uFFFD", "\\udc00"), (read["n"]!.GetValue<string>(), read["_index"]!.GetValue<string>(), read["_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_document_with_an_id_of_its_own_is_the_same_event_whenever_it_comes()
    {
        const string Action = """{"create":{"_index":"i","_id":"a/1"}}""";
        var first = await ReadAsync(Action, Good);
        var again = await ReadAsync("""{"create":{"_index":"i"}}""", Good, Action, Good);
        var elsewhere = await ReadAsync("""{"create":{"_index":"j","_id":"a/1"}}""", Good);
        Assert.Equal(first.Event.Id, again.Events[1].Id);
        Assert.NotEqual(again.Events[0].Id, again.Events[1].Id);
        Assert.NotEqual(first.Event.Id, elsewhere.Event.Id);
        Assert.Equal("a/1", first["_id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_body_for_another_index_brings_other_ids()
    {
        const string Body = "{\"index\":{}}\n{\"message\":\"m\"}\n";
        var one = await ReadToAsync("a", Body);
        Assert.Equal(one.Id, (await ReadToAsync("a", Body)).Id);
        Assert.NotEqual(one.Id, (await ReadToAsync("b", Body)).Id);
        Assert.Equal("a", one.Source);
    }

    [Fact]
    public async Task What_cannot_be_done_or_read_is_rejected_by_itself()
    {
        var read = await ReadAsync(
            """{"index":{"_index":"i"}}""", Good,
            """{"delete":{"_index":"i","_id":"1"}}""",
            """{"update":{"_index":"i","_id":"1"}}""", """{"doc":{}}""",
            """{"create":{}}""", Good,
            """{"create":{"_index":"i"}}""", "[]",
            """{"create":{"_index":"i"}}""", "{\"a\":",
            """{"create":{"_index":"i","require_alias":true,"dynamic_templates":{"a":"b"}},"attempts":0}""", Good);
        Assert.Equal(2, read.Events.Count);
        Assert.Equal(
            [
                "delete is nothing that can be done to a log: events are only added",
                "update is nothing that can be done to a log: events are only added",
                "_index is missing",
                "document must be a JSON object",
                "document must be a JSON object",
            ],
            read.Problems);
        Assert.Equal(7, read.Context.Features.Get<BulkItems>()!.Items.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}\n{}\n")]
    [InlineData("{\"create\":{}}\n")]
    [InlineData("{\"create\":{\"_index\":\"i\"}}\n{}\n{\"upsert\":{}}\n{}\n")]
    [InlineData("{\"create\":[]}\n{}\n")]
    [InlineData("{\"create\":{}} {}\n{}\n")]
    [InlineData("nonsense\n{}\n")]
    public async Task Where_the_lines_cannot_be_told_apart_nothing_is_taken(string body) =>
        Assert.Equal(400, (await ReadRequest.RefusedAsync(s_elasticsearch, Encoding.UTF8.GetBytes(body), Type)).Status);

    [Fact]
    public async Task Deep_long_and_wide_documents_are_kept_or_rejected_in_steady_memory()
    {
        var deep = $"{{\"a\":{new string('[', 10_000)}{new string(']', 10_000)}}}";
        var objects = $"{string.Concat(Enumerable.Repeat("{\"a\":", 10_000))}1{new string('}', 10_000)}";
        var wide = Below(new string('n', 100_000), 50_000);
        var repeated = Below(new string('p', 120), 90_000);
        var read = await AnyBytes.WithSteadyMemoryAsync(() => ReadAsync([.. new[] { deep, objects, wide, repeated, new string('{', 10_000), Good }.SelectMany(document => new[] { """{"create":{"_index":"i"}}""", document })]));
        const string TooLarge = "attributes must have at most 65536 bytes as compact JSON";
        Assert.Equal([TooLarge, TooLarge, TooLarge, "document must be a JSON object"], read.Problems);
        Assert.Equal(2, read.Events.Count);
        Assert.Equal(20_000, ReadRequest.AttributesOf(read.Events[0])["a"]!.GetValue<string>().Length);
    }

    [Fact]
    public async Task What_a_document_has_too_much_of_is_not_put_together()
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"create":{"_index":"i"}}{{{'\n'}}}{{{Below(new string('p', 120), 90_000)}}}{{{'\n'}}}""");
        await ReadRequest.OfAsync(s_elasticsearch, body, Type);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = await ReadRequest.OfAsync(s_elasticsearch, body, Type);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (2 * body.Length) + 1_000_000);
        Assert.Equal(["attributes must have at most 65536 bytes as compact JSON"], read.Problems);
    }

    [Property(MaxTest = 500)]
    public bool Any_document_comes_through_with_nothing_lost(int seed)
    {
        var random = new Random(seed);
        var fields = AnyFields.Object(random);
        var sent = fields.DeepClone().AsObject();
        sent["@timestamp"] = "2026-11-22T07:00:00Z";
        var read = ReadAsync("""{"index":{"_index":"i"}}""", AnyFields.Written(sent, random)).GetAwaiter().GetResult();
        return Leaves(fields, "").All(leaf => AnyFields.IsKept(ReadRequest.AttributesOf(read.Event), leaf.Name, leaf.Value));
    }

    [Property(MaxTest = 1000)]
    public bool Any_bytes_are_read_or_refused(byte[] bytes) =>
        AnyBytes.AreReadOrRefused(s_elasticsearch, bytes, Type) && AnyBytes.AreReadOrRefused(s_elasticsearch, [.. "{\"create\":{\"_index\":\"i\"}}\n"u8, .. bytes], Type);

    [Property(MaxTest = 1000)]
    public bool Broken_bodies_are_read_or_refused(int seed) =>
        AnyBytes.AreReadOrRefused(s_elasticsearch, AnyBytes.Broken(Encoding.UTF8.GetBytes($$$"""{"create":{"_index":"i"}}{{{'\n'}}}{{{Good}}}"""), new Random(seed)), Type);

    private static string Below(string name, int fields) => $"{{\"{name}\":{{{string.Join(',', Enumerable.Range(0, fields).Select(i => $"\"{i}\":1"))}}}}}";

    private static IEnumerable<(string Name, JsonNode? Value)> Leaves(JsonObject fields, string prefix) => fields.SelectMany(field =>
        field.Value is JsonObject { Count: > 0 } nested ? Leaves(nested, $"{prefix}{field.Key}.") : [($"{prefix}{field.Key}", field.Value)]);

    private static Task<ReadRequest> ReadAsync(params string[] lines) => ReadRequest.OfAsync(s_elasticsearch, string.Concat(lines.Select(line => $"{line}\n")), Type, "/elasticsearch/_bulk");

    private static async Task<LogEvent> ReadToAsync(string index, string body)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Request.RouteValues["index"] = index;
        using var memory = ReadRequest.Memory();
        var batch = await s_elasticsearch.ReadAsync(context, memory);
        Assert.True(LogEventJson.TryParseRecord(Assert.Single(batch.Entries).Value, out var read, out _));
        return read;
    }
}
