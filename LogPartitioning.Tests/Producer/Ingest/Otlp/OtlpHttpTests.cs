using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using Status = Google.Rpc.Status;

namespace LogPartitioning.Tests.Producer.Ingest.Otlp;

/// <summary>What <c>POST /v1/logs</c> answers.</summary>
public sealed class OtlpHttpTests(ProducerFixture producer) : IClassFixture<ProducerFixture>
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    [Fact]
    public async Task Protobuf_is_taken_and_answered_in_protobuf()
    {
        var (status, type, body) = await PostAsync(Request("m").ToByteArray(), Protobuf);
        Assert.Equal((HttpStatusCode.OK, Protobuf), (status, type));
        Assert.Equal(new ExportLogsServiceResponse(), ExportLogsServiceResponse.Parser.ParseFrom(body));
    }

    [Fact]
    public async Task Json_is_taken_and_answered_in_json()
    {
        var (status, type, body) = await PostAsync(
            """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},"scopeLogs":[{"scope":{"name":"my.library"},
            "logRecords":[{"severityNumber":10,"severityText":"Information","traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174",
            "body":{"stringValue":"Example log record"},"attributes":[{"key":"int.attribute","value":{"intValue":"10"}}],"somethingNew":[{"a":1}]}]}]}]}
            """u8.ToArray(), Json);
        Assert.Equal((HttpStatusCode.OK, Json, "{ }"), (status, type, Encoding.UTF8.GetString(body)));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    [InlineData("identity")]
    [InlineData("GZIP")]
    public async Task Packed_bodies_are_unpacked(string encoding)
    {
        var (status, _, _) = await PostAsync(PackedBody.Of(Request("m").ToByteArray(), encoding), Protobuf, encoding);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task A_record_that_breaks_a_rule_is_told_and_the_others_are_taken()
    {
        var (status, _, body) = await PostAsync(Request("good", new string('x', 70_000), "good as well").ToByteArray(), Protobuf);
        Assert.Equal(HttpStatusCode.OK, status);
        var partial = ExportLogsServiceResponse.Parser.ParseFrom(body).PartialSuccess;
        Assert.Equal((1, "record 1: message must have at most 65536 bytes of UTF-8"), (partial.RejectedLogRecords, partial.ErrorMessage));
        (status, _, body) = await PostAsync("""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1000","body":{"stringValue":"old"}}]}]}]}"""u8.ToArray(), Json);
        using var json = JsonDocument.Parse(body);
        Assert.Equal((HttpStatusCode.OK, "1"), (status, json.RootElement.GetProperty("partialSuccess").GetProperty("rejectedLogRecords").GetString()));
    }

    [Fact]
    public async Task An_empty_request_is_a_request()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync([], Protobuf)).Status);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("{}"u8.ToArray(), Json)).Status);
    }

    [Theory]
    [InlineData(HttpStatusCode.UnsupportedMediaType, "text/plain", null)]
    [InlineData(HttpStatusCode.UnsupportedMediaType, Protobuf, "br")]
    [InlineData(HttpStatusCode.UnsupportedMediaType, Protobuf, "gzip, gzip")]
    [InlineData(HttpStatusCode.BadRequest, Protobuf, "gzip")]
    [InlineData(HttpStatusCode.BadRequest, Protobuf, "zstd")]
    [InlineData(HttpStatusCode.BadRequest, Protobuf, "deflate")]
    [InlineData(HttpStatusCode.BadRequest, Json, null)]
    public async Task What_cannot_be_read_is_refused_in_the_form_of_the_request(HttpStatusCode expected, string type, string? encoding)
    {
        var (status, answered, body) = await PostAsync("no such thing"u8.ToArray(), type, encoding);
        Assert.Equal(expected, status);
        Assert.Equal(type == Json ? Json : Protobuf, answered);
        Assert.NotEqual("", type == Json ? JsonDocument.Parse(body).RootElement.GetProperty("message").GetString() : Status.Parser.ParseFrom(body).Message);
    }

    [Fact]
    public async Task Bytes_that_are_cut_anywhere_or_changed_are_never_a_fault_of_the_server()
    {
        var whole = Request("a message", "another").ToByteArray();
        for (var i = 0; i < whole.Length; i++)
        {
            await LooksRefusedOrTaken(whole[..i]);
            byte[] changed = [.. whole];
            changed[i] ^= 0xff;
            await LooksRefusedOrTaken(changed);
        }

        async Task LooksRefusedOrTaken(byte[] body) => Assert.True((await PostAsync(body, Protobuf)).Status is HttpStatusCode.OK or HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_gigabyte_in_a_few_bytes_is_refused(string encoding)
    {
        var bomb = PackedBody.Of(new byte[1024 * 1024], encoding, times: 1024);
        Assert.InRange(bomb.Length, 1, 16 * 1024 * 1024 - 1);
        var (status, _, body) = await PostAsync(bomb, Protobuf, encoding);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("at most 16777216 bytes", Status.Parser.ParseFrom(body).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nesting_without_end_is_refused()
    {
        var value = new AnyValue { StringValue = "x" }.ToByteArray();
        for (var i = 0; i < 10_000; i++)
        {
            value = Message(5, Message(1, value));
        }

        var request = Message(1, Message(2, Message(2, Message(5, value))));
        var (status, _, answer) = await PostAsync(request, Protobuf);
        var partial = ExportLogsServiceResponse.Parser.ParseFrom(answer).PartialSuccess;
        Assert.Equal((HttpStatusCode.OK, 1, "record 0: attributes and body must be nested at most 100 deep"), (status, partial.RejectedLogRecords, partial.ErrorMessage));
        var json = $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{{string.Concat(Enumerable.Repeat("""{"arrayValue":{"values":[""", 10_000))}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Encoding.UTF8.GetBytes(json), Json)).Status);
        var unknown = $$"""{"resourceLogs":[],"x":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}""";
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(Encoding.UTF8.GetBytes(unknown), Json)).Status);
    }

    [Fact]
    public async Task More_records_than_there_may_be_are_refused_before_they_take_room()
    {
        // 16 million bytes of records that say nothing: eight million of them.
        var record = new byte[] { 0x12, 0x00 };
        var scope = Message(2, [.. Enumerable.Repeat(record, 4_000_000).SelectMany(bytes => bytes)]);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Message(1, scope), Protobuf)).Status);
        var json = $$"""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{{string.Join(',', Enumerable.Repeat("{}", 3_000_000))}}]}]}]}""";
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(Encoding.UTF8.GetBytes(json), Json)).Status);
    }

    private static byte[] Message(int field, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }

        return stream.ToArray();
    }

    private static ExportLogsServiceRequest Request(params string[] messages) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs
            {
                Resource = new Resource { Attributes = { new KeyValue { Key = "service.name", Value = new() { StringValue = "otlp-http" } } } },
                ScopeLogs = { new ScopeLogs { LogRecords = { messages.Select(message => new LogRecord { Body = new() { StringValue = message } }) } } },
            },
        },
    };

    private async Task<(HttpStatusCode Status, string? Type, byte[] Body)> PostAsync(byte[] body, string type, string? encoding = null)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        using var response = await producer.Client.PostAsync("/v1/logs", content);
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsByteArrayAsync());
    }
}
