using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Resource.V1;

namespace LogPartitioning.Tests.Producer.Ingest.Otlp;

/// <summary>Requests of OTLP, usual ones and odd ones, and what is the same in two of them.</summary>
public static class OtlpRequests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Elements("", "order paid", "ü€😀", "a\0b", "\"\\\n\r\t\u0001", "</script>&'+", "{\"json\":1}", new string('x', 3000)),
        Gen.Choose(0, 12).SelectMany(length => Gen.Elements("abcÄ \u2028€".ToCharArray()).ArrayOf(length)).Select(characters => new string(characters)));

    private static readonly Gen<string> s_key = Gen.OneOf(
        Gen.Elements(
            "http.method", "trace_id", "more", "otel.raw", "resource.x", "timestamp_nanos", "", "ключ", "a\nb", new string('k', 128), new string('k', 129), "service.name",
            "severity_number", "observed_time_unix_nano"),
        Gen.Choose(0, 200).Select(number => $"key{number}"));

    private static readonly Gen<double> s_double = Gen.OneOf(
        Gen.Elements(0.0, -0.0, 1.0, -1.5, 1e15, 1e300, 5e-324, 0.1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 123456789012345.0, 1e-5),
        Gen.Choose(-1_000_000, 1_000_000).Select(number => number / 1000.0));

    private static readonly Gen<long> s_long = Gen.OneOf(Gen.Elements(0, 1, -1, long.MaxValue, long.MinValue, 9_007_199_254_740_993), Gen.Choose(-1000, 1000).Select(number => (long)number));

    private static readonly Gen<ulong> s_time = Gen.OneOf(
        Gen.Constant(0ul),
        Gen.Choose(0, 2_000_000_000).Select(nanos => (ulong)s_now.ToUnixTimeMilliseconds() * 1_000_000 + (ulong)nanos),
        Gen.Choose(0, 1_000_000).Select(micros => (ulong)s_now.ToUnixTimeMilliseconds() * 1_000_000 + ((ulong)micros * 1000)));

    private static Gen<AnyValue> Value(int depth)
    {
        var scalars = Gen.OneOf(
            s_text.Select(text => new AnyValue { StringValue = text }),
            s_text.Select(text => new AnyValue { StringValue = text }),
            Gen.Elements(true, false).Select(value => new AnyValue { BoolValue = value }),
            s_long.Select(number => new AnyValue { IntValue = number }),
            s_double.Select(number => new AnyValue { DoubleValue = number }),
            Gen.Choose(0, 20).Select(length => new AnyValue { BytesValue = ByteString.CopyFrom([.. Enumerable.Range(0, length).Select(i => (byte)(i * 37))]) }),
            Gen.Constant(new AnyValue()));
        return depth == 0 ? scalars : Gen.Frequency(
            (8, scalars),
            (1, List(Value(depth - 1), 3).Select(values => new AnyValue { ArrayValue = new() { Values = { values } } })),
            (1, Attributes(depth - 1, 3).Select(values => new AnyValue { KvlistValue = new() { Values = { values } } })));
    }

    private static Gen<T[]> List<T>(Gen<T> item, int most) => Gen.Choose(0, most).SelectMany(item.ArrayOf);

    /// <summary>Their names differ, as OTLP asks for.</summary>
    private static Gen<KeyValue[]> Attributes(int depth, int most) => List(
            from key in s_key
            from value in Value(depth)
            from has in Gen.Frequency((20, Gen.Constant(true)), (1, Gen.Constant(false)))
            select has ? new KeyValue { Key = key, Value = value } : new KeyValue { Key = key }, most)
        .Select(pairs => pairs.DistinctBy(pair => pair.Key, StringComparer.Ordinal).ToArray());

    private static Gen<ByteString> Id(int bytes) => Gen.Frequency((2, Gen.Constant(0)), (5, Gen.Constant(bytes)), (1, Gen.Choose(1, 20)))
        .Select(length => ByteString.CopyFrom([.. Enumerable.Range(1, length).Select(i => (byte)(i * 13))]));

    private static Gen<LogRecord> Record() =>
        from time in s_time
        from observed in Gen.OneOf(Gen.Constant(time), s_time)
        from severity in Gen.Choose(-1, 26)
        from text in s_text
        from body in Gen.OneOf(s_text.Select(message => new AnyValue { StringValue = message }), Value(2))
        from hasBody in Gen.Frequency((10, Gen.Constant(true)), (1, Gen.Constant(false)))
        from attributes in Gen.Frequency((9, Attributes(2, 8)), (1, Attributes(0, 90)))
        from dropped in Gen.Elements(0u, 0u, 3u, uint.MaxValue)
        from flags in Gen.Elements(0u, 1u, uint.MaxValue)
        from trace in Id(16)
        from span in Id(8)
        from name in Gen.Elements("", "", "checkout.paid")
        select new LogRecord
        {
            TimeUnixNano = time,
            ObservedTimeUnixNano = observed,
            SeverityNumber = (SeverityNumber)severity,
            SeverityText = text,
            Body = hasBody ? body : null,
            Attributes = { attributes },
            DroppedAttributesCount = dropped,
            Flags = flags,
            TraceId = trace,
            SpanId = span,
            EventName = name,
        };

    private static Gen<Resource?> ResourceGen() =>
        from service in Gen.Elements("checkout", "unknown_service", "", null, "a\nb", new string('s', 300))
        from others in Attributes(2, 4)
        from dropped in Gen.Elements(0u, 0u, 0u, 2u)
        from kind in Gen.Choose(0, 8)
        select kind == 0 ? null : new Resource
        {
            Attributes =
            {
                service is null ? [] : (KeyValue[])[new() { Key = "service.name", Value = new() { StringValue = service } }],
                others.Where(pair => service is null || pair.Key != "service.name"),
            },
            DroppedAttributesCount = dropped,
        };

    private static Gen<ScopeLogs> Scope() =>
        from name in Gen.Elements("", "My.Namespace.Class", "ü")
        from version in Gen.Elements("", "1.2.3")
        from attributes in Attributes(1, 2)
        from kind in Gen.Choose(0, 4)
        from schema in Gen.Elements("", "https://opentelemetry.io/schemas/1.21.0")
        from records in List(Record(), 4)
        select new ScopeLogs
        {
            Scope = kind == 0 ? null : new InstrumentationScope { Name = name, Version = version, Attributes = { attributes } },
            SchemaUrl = schema,
            LogRecords = { records },
        };

    private static Gen<ExportLogsServiceRequest> Request() =>
        from resources in List(
            from resource in ResourceGen()
            from scopes in List(Scope(), 3)
            from schema in Gen.Elements("", "https://opentelemetry.io/schemas/1.9.0")
            select new ResourceLogs { Resource = resource, ScopeLogs = { scopes }, SchemaUrl = schema }, 3)
        select new ExportLogsServiceRequest { ResourceLogs = { resources } };

    /// <summary>For properties.</summary>
    public static Arbitrary<ExportLogsServiceRequest> Requests() => Request().ToArbitrary();

    /// <summary>Each record alone, in the order of the request; attributes in the order of their names, for theirs says nothing.</summary>
    public static IReadOnlyList<ResourceLogs> Alone(IEnumerable<ResourceLogs> logs) =>
    [
        .. from resource in logs
           from scope in resource.ScopeLogs
           from record in scope.LogRecords
           select Sorted(new ResourceLogs
           {
               Resource = resource.Resource?.Clone(),
               SchemaUrl = resource.SchemaUrl,
               ScopeLogs = { new ScopeLogs { Scope = scope.Scope?.Clone(), SchemaUrl = scope.SchemaUrl, LogRecords = { record.Clone() } } },
           }),
    ];

    private static ResourceLogs Sorted(ResourceLogs one)
    {
        Sort(one.Resource?.Attributes);
        Sort(one.ScopeLogs[0].Scope?.Attributes);
        Sort(one.ScopeLogs[0].LogRecords[0].Attributes);
        return one;
    }

    private static void Sort(RepeatedField<KeyValue>? attributes)
    {
        var sorted = attributes?.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        attributes?.Clear();
        attributes?.AddRange(sorted!);
    }
}
