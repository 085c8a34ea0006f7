using System.Text;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using LogPartitioning.ServiceDefaults.Requests;
using LogPartitioning.Tests.Consumer.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace LogPartitioning.Tests.Fuzz.Readers;

/// <summary>The readers of events, on their way in and out of the brokers.</summary>
internal static class EventReaders
{
    private static readonly LogEventReader s_events = new(TimeProvider.System);
    private static readonly RequestReader s_requests = new(s_events);
    private static readonly RecordReader s_records = new(TimeProvider.System);
    private static readonly BufferBudget s_budget = new(Options.Create(new ProducerOptions()), new ArrivingBodies(Options.Create(new BodyLimits())));

    public static IEnumerable<FuzzedReader> All(FuzzSeeds seeds)
    {
        byte[][] events =
        [
            .. seeds.EventsOfLines(),
            .. seeds.Examples,
            .. Spoilt(),
            Encoding.UTF8.GetBytes(IngestExamples.OneEvent),
            LogEventJson.Serialize(StoredEvents.Event(attributes: """{"a":1,"b":"é","c":null,"d":true,"e":1.5e3}""")),
            """{"source":"\u00e9\ud83d\ude00","message":"a\nb\u2028","level":"WARN","timestamp":"2026-11-22T08:00:00.123456789+01:00","attributes":{}}"""u8.ToArray(),
        ];
        byte[][] bodies =
        [
            .. events,
            .. events.Chunk(3).Select(some => (byte[])[(byte)'[', .. Joined(some, ","), (byte)']']),
            .. events.Chunk(4).Select(some => Joined(some.Select(OneLine), "\n")),
            [0xEF, 0xBB, 0xBF, .. events[^1]],
        ];
        return
        [
            new("events", 20, events, ReadEvent),
            new("request bodies", 20, bodies, ReadBodyAsync),
            new("records", 15,
            [
                .. events.Select(json => s_events.Read(json, out var read).Count == 0 ? read : null).OfType<LogEvent>()
                    .Select(read => (byte[])[.. Encoding.UTF8.GetBytes($"{read.Source}\n"), .. LogEventJson.Serialize(read)]),
                "checkout-7\n{\"v\":2,\"id\":\"0199b0c4-5f0e-7a44-9a9f-0d7c4a5b6e21\",\"source\":\"checkout-7\",\"level\":\"Information\",\"message\":\"m\",\"timestamp\":\"2026-11-22T07:00:00Z\",\"attributes\":{\"a\":{\"b\":[1]}},\"more\":{\"c\":null}}"u8.ToArray(),
            ], ReadRecord),
            new("dead letters", 6,
            [
                new DeadLetter("log-events", 10, 1041, DeadLetterReason.MalformedJson, "event must be well-formed JSON (line 1, byte 9)", DateTimeOffset.UnixEpoch, "checkout-7"u8.ToArray(), [0xff, 0], "4kCoLhHdQ0S4PGZBmsTdTw").Serialize(),
                new DeadLetter("t", 0, 0, "", null, DateTimeOffset.MaxValue, null, null).Serialize(),
            ], ReadLetter),
            new("content types", 3, [.. s_types.Select(Encoding.Latin1.GetBytes)], ReadForm),
        ];
    }

    private static readonly string[] s_types =
    [
        BodyForms.Json, BodyForms.NewlineDelimitedJson, "application/json; charset=utf-8", "application/json;charset=\"utf-8\"; profile=\"a;b\\\"c\"", "application/problem+json", "text/plain",
        "application/json, application/json", "multipart/form-data; boundary=----x", "application/json; charset=us-ascii; q=0.5", "gzip, identity", "application/x-ndjson;;;",
    ];

    /// <summary>Events of which a field breaks a rule, or nearly.</summary>
    private static IEnumerable<byte[]> Spoilt()
    {
        var random = new Random(1);
        return Enumerable.Range(0, 500).Select(_ => EventMutation.Apply(GoodEvent.Create(random), random)).Where(json => json.Length <= 16 * 1024);
    }

    private static string ReadEvent(FuzzInput input)
    {
        var problems = s_events.Read(input.Bytes, out var logEvent);
        BrokenPromiseException.Unless(problems.Count == 0 == logEvent is not null, "there is an event or a problem");
        BrokenPromiseException.Unless(problems.Count <= 16, "there are at most 16 problems");
        if (logEvent is not null)
        {
            RoundTrip(logEvent);
        }

        return Outcome(problems.Count == 0, problems.Select(problem => problem.Rule));
    }

    private static void RoundTrip(LogEvent logEvent)
    {
        var value = LogEventJson.Serialize(logEvent);
        BrokenPromiseException.Unless(value.Length <= EventRules.MaxRecordBytes, "a record keeps its limit");
        BrokenPromiseException.Unless(
            LogEventJson.TryParseRecord(value, out var read, out var problem) && read == logEvent, $"what is accepted is read from its record as it is; {problem}");
    }

    /// <summary>As a whole and in pieces a body holds the same events, or is refused with the same words.</summary>
    private static async ValueTask<string> ReadBodyAsync(FuzzInput input)
    {
        var form = (input.Variant & 1) == 0 ? BodyForm.Json : BodyForm.NewlineDelimited;
        var whole = await ReadBodyAsync(form, new(input.Bytes, []));
        var cut = await ReadBodyAsync(form, new(input.Bytes, Headers.Cuts(input), endsLate: (input.Variant & 64) != 0));
        BrokenPromiseException.Unless(whole.Refusal == cut.Refusal, $"in pieces a body is refused as it is as a whole; {whole.Refusal} and {cut.Refusal}");
        BrokenPromiseException.Unless(whole.Problems.SequenceEqual(cut.Problems), "in pieces a body has the same events as in one");
        return whole.Refusal is null ? Outcome(whole.Problems.All(problem => problem is null), whole.Problems.OfType<string>()) : FuzzOutcome.Of($"refused {whole.Refusal}");
    }

    /// <summary>How many events a body holds; null where it is refused.</summary>
    public static async ValueTask<int?> CountAsync(BodyForm form, byte[] body) =>
        await ReadBodyAsync(form, new(body, [])) is { Refusal: null } read ? read.Problems.Count : null;

    private static async ValueTask<(string? Refusal, IReadOnlyList<string?> Problems)> ReadBodyAsync(BodyForm form, CutBody body)
    {
        using var memory = s_budget.Open();
        try
        {
            var batch = await s_requests.ReadAsync(body, form, memory, CancellationToken.None);
            foreach (var entry in batch.Entries)
            {
                BrokenPromiseException.Unless(entry.Problem is null == entry.Value.Length > 0, "an event has a record or a problem");
                BrokenPromiseException.Unless(entry.Problem is not "", "a problem has words");
            }

            return (null, [.. batch.Entries.Select(entry => entry.Problem)]);
        }
        catch (RequestRefusedException refused) when (refused.Status is 400 or 413)
        {
            return ($"{refused.Status} {refused.Message}", []);
        }
    }

    /// <summary>The key up to the first line break, the value behind it.</summary>
    private static string ReadRecord(FuzzInput input)
    {
        var end = input.Bytes.AsSpan().IndexOf((byte)'\n');
        var key = (input.Variant & 15) == 0 ? null : input.Bytes[..Math.Max(end, 0)];
        var value = (input.Variant & 0xf0) == 0 ? null : input.Bytes[(end + 1)..];
        if ((input.Variant & 0x300) == 0x100 && value is not null && s_events.Read(value, out var meant).Count == 0)
        {
            // The key that it should have, so that more comes through.
            key = Encoding.UTF8.GetBytes(meant!.Source);
        }

        var record = s_records.Read(new()
        {
            Topic = "log-events",
            Partition = 3,
            Offset = 42,
            Message = new() { Key = key, Value = value, Headers = HeadersOf(input) },
        });
        BrokenPromiseException.Unless(record.Event is null != record.Letter is null, "a record is an event or a dead letter");
        if (record.Event?.ToEvent() is { } stored)
        {
            // What the record says beyond an event lies beside the attributes, which may then be more than an event has.
            if (stored.Attributes?.Contains("\"record.", StringComparison.Ordinal) != true)
            {
                RoundTrip(stored);
            }

            return "event";
        }

        var letter = record.Letter!;
        BrokenPromiseException.Unless(DeadLetterReason.All.Contains(letter.Reason), $"a reason is one that is documented, and is {letter.Reason}");
        BrokenPromiseException.Unless(ReferenceEquals(letter.Key, key) && ReferenceEquals(letter.Value, value), "a dead letter has the bytes of its record");
        BrokenPromiseException.Unless(
            DeadLetter.TryParse(letter.Serialize(), out var again) && Same(again.Value, value) && Same(again.Key, key) && again.Reason == letter.Reason, "a dead letter is read as it was written");
        return $"letter {letter.Reason} {FuzzOutcome.Of(letter.Detail ?? "")}";
    }

    private static Confluent.Kafka.Headers? HeadersOf(FuzzInput input) => (input.Variant >> 10 & 3) switch
    {
        0 => null,
        1 => new() { { "timestamp", input.Bytes.Length > 8 ? input.Bytes[..8] : null }, { "traceparent", input.Bytes } },
        2 => new() { { "timestamp", "sent"u8.ToArray() }, { "traceparent", null }, { "", Array.Empty<byte>() } },
        _ => [],
    };

    private static string ReadLetter(FuzzInput input)
    {
        if (!DeadLetter.TryParse(input.Bytes, out var letter))
        {
            return View(new(3, 7, null, input.Bytes), "none");
        }

        BrokenPromiseException.Unless(
            DeadLetter.TryParse(letter.Serialize(), out var again) && Same(again.Value, letter.Value) && Same(again.Key, letter.Key)
            && again with { Key = null, Value = null } == letter with { Key = null, Value = null }, "a dead letter is read as it was written");
        return View(new(3, 7, letter, input.Bytes), "letter");

        static string View(DeadLetterRecord record, string outcome)
        {
            var view = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(DeadLetterView.Of(record, "log-events.dlq", new Dictionary<DeadLetterOrigin, DeadLetterRedriveEntry>()));
            using var json = System.Text.Json.JsonDocument.Parse(view);
            return outcome;
        }
    }

    private static string ReadForm(FuzzInput input)
    {
        var context = new DefaultHttpContext();
        var value = Headers.Text(input.Bytes);
        context.Request.Headers.ContentType = (input.Variant & 7) == 0 ? new StringValues([value, "application/json"]) : value;
        if ((input.Variant & 0x38) == 0)
        {
            (context.Request.Headers.ContentEncoding, context.Request.Headers.ContentType) = (value, "application/json");
        }

        try
        {
            return $"{BodyForms.Of(context.Request)}";
        }
        catch (RequestRefusedException refused) when (refused.Status == StatusCodes.Status415UnsupportedMediaType)
        {
            return $"415 {FuzzOutcome.Of(refused.Message)}";
        }
    }

    private static string Outcome(bool accepted, IEnumerable<string> problems) =>
        accepted ? "accepted" : $"problems {string.Join("; ", problems.Take(3).Select(FuzzOutcome.Of))}";

    private static bool Same(byte[]? a, byte[]? b) => a is null == b is null && a.AsSpan().SequenceEqual(b);

    private static byte[] OneLine(byte[] bytes) => [.. bytes.Where(b => b is not ((byte)'\n' or (byte)'\r'))];

    private static byte[] Joined(IEnumerable<byte[]> parts, string between) =>
        [.. parts.SelectMany((part, n) => n == 0 ? part : [.. Encoding.ASCII.GetBytes(between), .. part])];
}
