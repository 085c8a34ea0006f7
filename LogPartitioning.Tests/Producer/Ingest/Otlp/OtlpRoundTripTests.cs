using System.Text.Json;
using FsCheck.Xunit;
using Google.Protobuf;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Otlp;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using KeyValue = OpenTelemetry.Proto.Common.V1.KeyValue;

namespace LogPartitioning.Tests.Producer.Ingest.Otlp;

/// <summary>Any valid request becomes events, and of the events the same records can be made again.</summary>
[Properties(Arbitrary = [typeof(OtlpRequests)], MaxTest = 300)]
public sealed class OtlpRoundTripTests
{
    private static readonly TimestampRange s_any = new(TimeSpan.FromDays(100_000), TimeSpan.FromDays(100_000));

    [Property]
    public void Records_come_back_as_they_were(ExportLogsServiceRequest request)
    {
        var batch = Read(request.ToByteArray());
        Assert.Equal([], batch.Entries.Select(entry => entry.Problem).OfType<string>());
        Assert.Equal(OtlpRequests.Alone(request.ResourceLogs), OtlpRequests.Alone(batch.Entries.Select(entry => OtlpRecord.From(Stored(entry.Value)))));
    }

    [Property]
    public void Together_they_are_what_they_were_alone(ExportLogsServiceRequest request)
    {
        var alone = OtlpRequests.Alone(request.ResourceLogs);
        var together = OtlpRequests.Alone(OtlpRecord.Together(alone).ResourceLogs);
        Assert.Equal(alone.Count, together.Count);
        Assert.Equal(alone.GroupBy(one => one).ToDictionary(group => group.Key, group => group.Count()), together.GroupBy(one => one).ToDictionary(group => group.Key, group => group.Count()));
    }

    [Property]
    public void Json_says_the_same_as_protobuf(ExportLogsServiceRequest request)
    {
        var wire = new WireWriter();
        OtlpJsonReader.Convert(OtlpJson.Write(new LogsData { ResourceLogs = { request.ResourceLogs } }), wire);
        Assert.Equal(request, ExportLogsServiceRequest.Parser.ParseFrom(wire.Written.ToArray()));
    }

    [Property]
    public void The_same_bytes_have_the_same_ids_and_records_have_different_ones(ExportLogsServiceRequest request)
    {
        var bytes = request.ToByteArray();
        var ids = Read(bytes).Entries.Select(entry => entry.Id).ToList();
        Assert.Equal(ids, Read(bytes).Entries.Select(entry => entry.Id));
        Assert.Distinct(ids);
        Assert.DoesNotContain(Read([.. bytes, .. bytes]).Entries.Select(entry => entry.Id), ids.Contains);
    }

    [Fact]
    public void A_usual_record_is_a_plain_event()
    {
        var batch = Read(new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    Resource = new Resource { Attributes = { Text("service.name", "checkout"), Text("host.name", "web-1") } },
                    ScopeLogs =
                    {
                        new ScopeLogs
                        {
                            Scope = new InstrumentationScope { Name = "Shop.Orders" },
                            LogRecords =
                            {
                                new LogRecord
                                {
                                    TimeUnixNano = 1_795_867_200_123_456_700,
                                    ObservedTimeUnixNano = 1_795_867_200_123_456_700,
                                    SeverityNumber = SeverityNumber.Warn,
                                    SeverityText = "Warning",
                                    Body = new AnyValue { StringValue = "order 42 paid" },
                                    Attributes = { new KeyValue { Key = "order", Value = new() { IntValue = 42 } }, new KeyValue { Key = "price", Value = new() { DoubleValue = 5 } } },
                                    TraceId = ByteString.CopyFrom(Convert.FromHexString("5b8efff798038103d269b633813fc60c")),
                                    SpanId = ByteString.CopyFrom(Convert.FromHexString("eee19b7ec3c1b174")),
                                    Flags = 1,
                                },
                            },
                        },
                    },
                },
            },
        }.ToByteArray());
        var entry = Assert.Single(batch.Entries);
        Assert.True(entry.HasOwnTimestamp);
        Assert.Equal(7, entry.Id.Version);
        var stored = Stored(entry.Value);
        Assert.Equal(("checkout", Severity.Warning, "order 42 paid"), (stored.Source, stored.Level, stored.Message));
        Assert.Equal(new DateTimeOffset(2026, 11, 28, 12, 0, 0, TimeSpan.Zero).AddTicks(1_234_560), stored.Timestamp);
        Assert.Equal(
            """{"resource.host.name":"web-1","otel.scope.name":"Shop.Orders","order":42,"price":5.0,"trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","severity_text":"Warning","trace_flags":1,"timestamp_nanos":700}""",
            stored.Attributes);
    }

    [Fact]
    public void What_attributes_cannot_say_is_kept_beside_what_they_can()
    {
        var record = new LogRecord
        {
            Body = new AnyValue { KvlistValue = new() { Values = { new KeyValue { Key = "a", Value = new() { IntValue = 1 } } } } },
            Attributes = { new KeyValue { Key = "list", Value = new() { ArrayValue = new() { Values = { new AnyValue { BoolValue = true }, new AnyValue { StringValue = "x" } } } } } },
        };
        var stored = Stored(Assert.Single(Read(new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { record } } } } } }.ToByteArray()).Entries).Value);
        using var attributes = JsonDocument.Parse(stored.Attributes!);
        Assert.Equal("""{"a":1}""", stored.Message);
        Assert.Equal("""[true,"x"]""", attributes.RootElement.GetProperty("list").GetString());
        Assert.Equal("unknown_service", stored.Source);
        Assert.Equal(record, ResourceLogs.Parser.ParseFrom(attributes.RootElement.GetProperty(OtlpNames.Raw).GetBytesFromBase64()).ScopeLogs[0].LogRecords[0]);
    }

    [Theory]
    [InlineData(100, 65_000)]
    [InlineData(40_000, 1000)]
    [InlineData(3, 65_536)]
    public void A_long_message_leaves_room_for_what_attributes_cannot_say(int listBytes, int messageBytes)
    {
        var record = new LogRecord { Body = new AnyValue { StringValue = new string('m', messageBytes) }, Attributes = { new KeyValue { Key = "list", Value = ListOf(new string('x', listBytes)) } } };
        var stored = Stored(Assert.Single(Read(RequestOf(record)).Entries).Value);
        Assert.Equal(record, OtlpRecord.From(stored).ScopeLogs[0].LogRecords[0]);
    }

    [Fact]
    public void A_record_that_is_too_large_to_be_kept_beside_its_attributes_is_all_in_them()
    {
        var record = new LogRecord
        {
            Body = new AnyValue { StringValue = "m" },
            TraceId = ByteString.CopyFrom(1, 2, 3),
            Attributes =
            {
                new KeyValue { Key = "list", Value = ListOf(new string('x', 50_000)) },
                Text("trace_id", "mine"),
                Text("otel.raw", "mine as well"),
                Text("nul", "a\0b"),
                Text(new string('k', 300), "long"),
                new KeyValue { Key = "none", Value = new() { DoubleValue = double.NaN } },
            },
        };
        var stored = Stored(Assert.Single(Read(RequestOf(record)).Entries).Value);
        using var attributes = JsonDocument.Parse(stored.Attributes!);
        Assert.True(attributes.RootElement.GetProperty(OtlpNames.RawOmitted).GetBoolean());
        Assert.Equal(50_004, attributes.RootElement.GetProperty("list").GetString()!.Length);
        Assert.Equal(("010203", "mine", "mine as well", "\"NaN\""), (TextOf(OtlpNames.TraceId), TextOf("otel.attribute.trace_id"), TextOf("otel.attribute.otel.raw"), TextOf("none")));
        using var more = JsonDocument.Parse(TextOf(RecordComposer.More)!);
        Assert.Equal(["nul", new string('k', 300)], more.RootElement.EnumerateObject().Select(pair => pair.Name));
        Assert.Equal(["a\0b", "long"], more.RootElement.EnumerateObject().Select(pair => pair.Value.GetString()));

        string? TextOf(string name) => attributes.RootElement.GetProperty(name).GetString();
    }

    [Fact]
    public void A_value_that_is_nested_too_deeply_costs_its_own_record_alone()
    {
        var deep = Enumerable.Range(0, OtlpRecord.MaxValueDepth - 1).Aggregate(new AnyValue { IntValue = 1 }, (inner, i) => i % 2 == 0 ? ListOf(inner) : new() { KvlistValue = new() { Values = { new KeyValue { Key = "k", Value = inner } } } });
        LogRecord[] records = [new() { Body = deep }, new() { Body = ListOf(deep) }, new() { Attributes = { new KeyValue { Key = "a", Value = ListOf(deep) } } }, new() { Attributes = { new KeyValue { Key = "a", Value = deep } } }];
        var entries = Read(RequestOf(records)).Entries;
        Assert.Equal([null, "attributes and body must be nested at most 100 deep", "attributes and body must be nested at most 100 deep", null], entries.Select(entry => entry.Problem));
        Assert.Equal(records[0], OtlpRecord.From(Stored(entries[0].Value)).ScopeLogs[0].LogRecords[0]);
        Assert.Equal(records[3], OtlpRecord.From(Stored(entries[3].Value)).ScopeLogs[0].LogRecords[0]);
        var wire = new WireWriter();
        OtlpJsonReader.Convert(OtlpJson.Write(new LogsData { ResourceLogs = { OtlpRecord.From(Stored(entries[0].Value)) } }), wire);
    }

    [Fact]
    public void What_is_no_character_in_json_is_replaced()
    {
        var wire = new WireWriter();
        OtlpJsonReader.Convert("""{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"\u0062ody":{"stringValue":"a\ud800b\ud83d\ude00\\ud800\udc00\n"},"\ud800":1}]}]}]}"""u8, wire);
        Assert.Equal("a\ufffdb\ud83d\ude00\\ud800\ufffd\n", ExportLogsServiceRequest.Parser.ParseFrom(wire.Written.ToArray()).ResourceLogs[0].ScopeLogs[0].LogRecords[0].Body.StringValue);
        wire.Clear();
        OtlpJsonReader.Convert([.. """{"resourceLogs":[{"schemaUrl":"a"""u8, 0xff, .. "b\"}]}"u8], wire);
        Assert.Equal("a\ufffdb", ExportLogsServiceRequest.Parser.ParseFrom(wire.Written.ToArray()).ResourceLogs[0].SchemaUrl);
    }

    [Fact(Timeout = 20_000)]
    public async Task Fields_that_come_millions_of_times_are_read_once()
    {
        await Task.Yield();
        // Unknown fields, and resources of which each is a part of one.
        var pieces = Enumerable.Repeat<byte[]>([0x20, 0x00, 0x0a, 0x00], 2_000_000).SelectMany(bytes => bytes).ToArray();
        var wire = new WireWriter();
        wire.Bytes(1, pieces);
        Assert.Empty(Read(wire.Written.ToArray()).Entries);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_large_resource_of_many_records_is_counted_with_each_of_them()
    {
        await Task.Yield();
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    Resource = new Resource { Attributes = { Enumerable.Range(0, 400_000).Select(i => Text($"key{i}", "")) } },
                    ScopeLogs = { new ScopeLogs { LogRecords = { Enumerable.Repeat(new LogRecord(), 9000) } } },
                },
            },
        }.ToByteArray();
        var refused = Assert.Throws<RequestRefusedException>(() => Read(request));
        Assert.Equal(413, refused.Status);
    }

    [Fact]
    public void The_instance_is_part_of_the_source_where_it_is_asked_for()
    {
        var request = new ExportLogsServiceRequest
        {
            ResourceLogs =
            {
                new ResourceLogs
                {
                    Resource = new Resource { Attributes = { Text("service.name", "checkout"), Text("service.instance.id", "7") } },
                    ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { Body = new AnyValue { StringValue = "m" } } } } },
                },
            },
        };
        var stored = Stored(Read(request.ToByteArray(), withInstance: true).Entries[0].Value);
        Assert.Equal("checkout/7", stored.Source);
        Assert.Equal(OtlpRequests.Alone(request.ResourceLogs), OtlpRequests.Alone([OtlpRecord.From(stored)]));
        Assert.Equal("checkout", Stored(Read(request.ToByteArray()).Entries[0].Value).Source);
    }

    [Fact]
    public void An_event_of_another_protocol_is_a_record_too()
    {
        var record = OtlpRecord.From(new LogEvent(Guid.NewGuid(), "nginx", Severity.Error, "upstream gone", new(2026, 11, 28, 12, 0, 0, 5, TimeSpan.Zero), """{"status":502,"trace_id":"none"}"""));
        Assert.Equal("nginx", record.Resource.Attributes.Single().Value.StringValue);
        var one = record.ScopeLogs.Single().LogRecords.Single();
        Assert.Equal((SeverityNumber.Error, "upstream gone", 1_795_867_200_005_000_000ul), (one.SeverityNumber, one.Body.StringValue, one.TimeUnixNano));
        Assert.Equal(["status", "trace_id"], one.Attributes.Select(pair => pair.Key));
        Assert.Empty(one.TraceId);
    }

    internal static EventBatch Read(byte[] request, bool withInstance = false)
    {
        var events = new ComposedEvents(new EventBatch(), s_any, DateTimeOffset.UtcNow);
        using var memory = ReadRequest.Memory();
        using var mapper = new OtlpRecordMapper(events, new RecordBytes(memory, request.Length), new ContentIds(request), withInstance);
        OtlpRequestReader.Read(request, mapper);
        return events.Batch;
    }

    private static byte[] RequestOf(params LogRecord[] records) =>
        new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { records } } } } } }.ToByteArray();

    private static AnyValue ListOf(string text) => ListOf(new AnyValue { StringValue = text });

    private static AnyValue ListOf(AnyValue value) => new() { ArrayValue = new() { Values = { value } } };

    private static KeyValue Text(string key, string text) => new() { Key = key, Value = new() { StringValue = text } };

    /// <summary>The event as the consumer reads it.</summary>
    private static LogEvent Stored(byte[] value)
    {
        Assert.True(LogEventJson.TryParseRecord(value, out var logEvent, out var problem), problem?.ToString());
        return logEvent;
    }
}
