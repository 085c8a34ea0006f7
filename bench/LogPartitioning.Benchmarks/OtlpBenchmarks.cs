using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using LogPartitioning.Core.Events;
using LogPartitioning.Otlp;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.Producer.Ingest.Otlp;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.Extensions.Options;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;
using KeyValue = OpenTelemetry.Proto.Common.V1.KeyValue;

namespace LogPartitioning.Benchmarks;

/// <summary>
/// From a request of OTLP to the values of Kafka's records, for each log record: of usual records, and of those that are kept as they are beside. The
/// comparison is the generated reader, which makes objects and no event.
/// </summary>
[MemoryDiagnoser]
public class OtlpBenchmarks
{
    private const int Records = 500;

    private static readonly TimestampRange Range = new(TimeSpan.FromDays(36_500), TimeSpan.FromDays(1));

    private readonly BufferBudget _budget = new(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits())));
    private byte[] _usual = [];
    private byte[] _withLists = [];
    private byte[] _json = [];

    [GlobalSetup]
    public void Prepare()
    {
        var usual = Request(null);
        _usual = usual.ToByteArray();
        _withLists = Request(new AnyValue { ArrayValue = new() { Values = { new AnyValue { IntValue = 1 }, new AnyValue { IntValue = 2 } } } }).ToByteArray();
        _json = OtlpJson.Write(new LogsData { ResourceLogs = { usual.ResourceLogs } });
        if (Map() != Records || MapWithLists() != Records || MapJson() != Records)
        {
            throw new InvalidOperationException("Not every record became an event.");
        }
    }

    [Benchmark(OperationsPerInvoke = Records)]
    public int Map() => Map(_usual);

    [Benchmark(OperationsPerInvoke = Records)]
    public int MapWithLists() => Map(_withLists);

    [Benchmark(OperationsPerInvoke = Records)]
    public int MapJson()
    {
        var wire = new WireWriter();
        OtlpJsonReader.Convert(_json, wire);
        return Map(wire.Written);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public object ParseWithGenerated() => ExportLogsServiceRequest.Parser.ParseFrom(_usual);

    private int Map(ReadOnlySpan<byte> request)
    {
        var events = new ComposedEvents(new EventBatch(), Range, DateTimeOffset.UtcNow);
        using var memory = _budget.Open();
        using var mapper = new OtlpRecordMapper(events, new RecordBytes(memory, request.Length), new ContentIds(request), withInstance: false);
        OtlpRequestReader.Read(request, mapper);
        return events.Batch.Entries.Count - events.Batch.RejectedCount;
    }

    private static ExportLogsServiceRequest Request(AnyValue? list) => new()
    {
        ResourceLogs =
        {
            new ResourceLogs
            {
                Resource = new Resource { Attributes = { Text("service.name", "checkout"), Text("service.version", "1.4.2"), Text("host.name", "web-7"), Text("telemetry.sdk.language", "dotnet") } },
                ScopeLogs =
                {
                    new ScopeLogs
                    {
                        Scope = new InstrumentationScope { Name = "Shop.Orders.OrderService" },
                        LogRecords = { Enumerable.Range(0, Records).Select(i => Record(i, list)) },
                    },
                },
            },
        },
    };

    private static LogRecord Record(int number, AnyValue? list)
    {
        var time = (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
        var record = new LogRecord
        {
            TimeUnixNano = time,
            ObservedTimeUnixNano = time,
            SeverityNumber = SeverityNumber.Info,
            SeverityText = "Information",
            Body = new AnyValue { StringValue = "GET /orders/4711 200 in 37 ms cache=hit region=eu-1 retry=0 db=12ms tls=1.3 ab=on zone=b user=12345 session=abcdef" },
            Attributes = { Text("http.request.method", "GET"), Text("url.path", "/orders/4711"), new KeyValue { Key = "http.response.status_code", Value = new() { IntValue = 200 } }, new KeyValue { Key = "number", Value = new() { IntValue = number } } },
            TraceId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()),
            SpanId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray().AsSpan(0, 8)),
            Flags = 1,
        };
        if (list is not null)
        {
            record.Attributes.Add(new KeyValue { Key = "items", Value = list });
        }

        return record;
    }

    private static KeyValue Text(string key, string text) => new() { Key = key, Value = new() { StringValue = text } };
}
