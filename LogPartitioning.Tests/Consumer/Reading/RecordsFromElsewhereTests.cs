using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using LogPartitioning.Consumer;
using LogPartitioning.Consumer.Reading;
using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.DeadLetters;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Gateway.DeadLetters;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Tests.Consumer.Storage;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Consumer.Reading;

/// <summary>Records that the producer did not write: the table "Records from elsewhere" of docs/guarantees.md.</summary>
[Collection(PostgresTests.Name)]
public sealed class RecordsFromElsewhereTests(PostgresServer server) : DatabaseTest(server)
{
    private const int Megabyte = 1024 * 1024;
    private static readonly byte[] Key = "checkout"u8.ToArray();

    /// <summary>What is in the topic, and the reason of its dead letter; null where it is stored.</summary>
    private static readonly (string What, Message<byte[]?, byte[]?> Record, string? Reason)[] Table =
    [
        ("a tombstone", Of(null), DeadLetterReason.EmptyValue),
        ("no bytes", Of([], Key), DeadLetterReason.EmptyValue),
        ("a null key", Of(Event(), key: null), DeadLetterReason.MissingKey),
        ("a null key and value", Of(null, key: null), DeadLetterReason.EmptyValue),
        ("a key without bytes", Of(Event(), key: []), DeadLetterReason.KeyMismatch),
        ("a key with U+0000", Of(Event(), "check\0out"u8.ToArray()), DeadLetterReason.KeyMismatch),
        ("a key that is not UTF-8", Of(Event(), [0xc3, 0x28]), DeadLetterReason.NotUtf8),
        ("a value that is not UTF-8", Of([0xff, 0xfe]), DeadLetterReason.NotUtf8),
        ("headers null and not UTF-8", Of(Event(), headers: [new Header("a", null), new Header("b", [0xff]), new Header(TraceHeader.Name, null)]), null),
        ("a trace that is none", Of(Event(), headers: [new Header(TraceHeader.Name, [.. Enumerable.Repeat((byte)0xff, 55)])]), null),
        ("a trace of 1 MB", Of(Event(), headers: [new Header(TraceHeader.Name, new byte[Megabyte])]), null),
        ("a timestamp of -1", Of(Event(), timestamp: new Timestamp(-1, TimestampType.CreateTime)), null),
        ("LogAppendTime", Of(Event(), timestamp: new Timestamp(1, TimestampType.LogAppendTime)), null),
        ("1 MB of message", Of(Event("message", Text(new string('x', Megabyte)))), DeadLetterReason.TooLarge),
        ("1 MB of attributes", Of(Event("attributes", $$"""{"a":{{Text(new string('x', Megabyte))}}}""")), DeadLetterReason.InvalidField),
        ("1 MB of blanks around an event", Of([.. Enumerable.Repeat((byte)' ', Megabyte), .. Event()]), null),
        ("U+0000 as a byte", Of([.. Event(), 0]), DeadLetterReason.MalformedJson),
        ("U+0000 in the message", Of(Event("message", "\"a\\u0000b\"")), DeadLetterReason.InvalidField),
        ("U+0000 in the source", Of(Event("source", "\"checkout\\u0000\"")), DeadLetterReason.InvalidField),
        ("U+0000 in an attribute", Of(Event("attributes", "{\"a\":\"\\u0000\"}")), DeadLetterReason.InvalidField),
        ("U+0000 in an attribute's name", Of(Event("attributes", "{\"\\u0000\":1}")), DeadLetterReason.InvalidField),
        ("half a surrogate pair in the message", Of(Event("message", "\"\\ud800\"")), DeadLetterReason.InvalidField),
        ("half a surrogate pair in an attribute", Of(Event("attributes", "{\"a\":\"\\udc00\"}")), DeadLetterReason.InvalidField),
        ("10,000 levels in an attribute", Of(Event("attributes", "{\"a\":" + Nested(10_000) + "}")), null),
        ("10,000 levels in a field that is not known", Of(Event("more", Nested(10_000))), null),
        ("10,000 levels in the message", Of(Event("message", Nested(10_000))), DeadLetterReason.InvalidField),
        ("10,000 levels and no object", Of(Encoding.UTF8.GetBytes(Nested(10_000))), DeadLetterReason.MalformedJson),
        ("10,000 levels that never end", Of(Encoding.UTF8.GetBytes(new string('[', 10_000))), DeadLetterReason.MalformedJson),
        ("a field twice", Of(Event("message", "\"a\",\"message\":\"b\"")), DeadLetterReason.InvalidField),
        ("an attribute twice", Of(Event("attributes", "{\"a\":1,\"a\":2}")), DeadLetterReason.InvalidField),
        ("1e400", Of(Event("attributes", "{\"a\":1e400}")), DeadLetterReason.InvalidField),
        ("1e-400", Of(Event("attributes", "{\"a\":1e-400}")), DeadLetterReason.InvalidField),
        ("1e308", Of(Event("attributes", "{\"a\":1e308}")), null),
        ("a time before the store's first", Of(Event("timestamp", "\"0001-01-01T00:00:00Z\"")), DeadLetterReason.InvalidField),
        ("a time after the year 9999", Of(Event("timestamp", "\"9999-12-31T23:59:60Z\"")), DeadLetterReason.InvalidField),
        ("the first time", Of(Event("timestamp", "\"0001-01-01T00:00:00.000001Z\"")), null),
        ("the last time", Of(Event("timestamp", "\"9999-12-31T23:59:59.999999Z\"")), null),
        ("another event under the key", Of(Event("source", "\"other\"")), DeadLetterReason.KeyMismatch),
        ("an event", Of(Event()), null),
    ];

    [PostgresFact]
    public async Task Each_is_stored_or_set_aside_and_none_stops_the_partition_or_breaks_a_view()
    {
        using var traced = new Spans(ConsumerTraces.SourceName);
        var reader = new RecordReader(TimeProvider.System);
        var stored = new List<LogRecord>();
        var verdicts = new List<(string What, string? Reason)>();
        for (var offset = 0; offset < Table.Length; offset++)
        {
            var read = reader.Read(new() { Topic = "topic", Partition = 0, Offset = offset, Message = Table[offset].Record });
            verdicts.Add((Table[offset].What, read.Letter?.Reason));
            if (read.TraceParent is { } trace)
            {
                Assert.False(TraceHeader.TryReadRecorded(trace, out _));
            }
            if (read.Event is { } logged)
            {
                stored.Add(logged);
            }
            else
            {
                AssertShown(read.Letter!);
            }
        }
        Assert.Equal(Table.Select(row => (row.What, row.Reason)), verdicts);

        // All of them in one batch, beside each other: what the database refused would be seen here.
        var store = new LogStore(Database, "group", "topic");
        var claim = await store.ClaimAsync(0);
        Assert.True((await store.WriteAsync(new PartitionBatch(0, claim.Epoch, 0, Table.Length, stored))).Committed);

        var page = await new LogQuery(Database).RunAsync(new LogFilter { Limit = LogFilter.MaxLimit }, CancellationToken.None);
        Assert.Equal(stored.OrderBy(record => record.Timestamp).ThenBy(record => record.Offset).Select(record => (record.Offset, record.ToEvent().Timestamp, record.ToEvent().Message)),
            page.Items.Select(item => (item.Offset, item.Event.Timestamp, item.Event.Message)));
        Assert.NotEmpty(JsonSerializer.Serialize(page.Items.Select(PublicLogsApi.StoredEventResponse.From)));
    }

    private static void AssertShown(DeadLetter letter)
    {
        Assert.True(DeadLetter.TryParse(letter.Serialize(), out var read));
        var view = DeadLetterView.Of(new DeadLetterRecord(0, letter.Offset, read, null), "dead", new Dictionary<DeadLetterOrigin, DeadLetterRedriveEntry>());
        Assert.Equal(letter.Value is null ? null : Convert.ToBase64String(letter.Value), view.Value);
        Assert.NotEmpty(JsonSerializer.Serialize(view));
    }

    private static Message<byte[]?, byte[]?> Of(byte[]? value, Header[]? headers = null, Timestamp timestamp = default) => Of(value, Key, headers, timestamp);

    private static Message<byte[]?, byte[]?> Of(byte[]? value, byte[]? key, Header[]? headers = null, Timestamp timestamp = default)
    {
        var message = new Message<byte[]?, byte[]?> { Key = key, Value = value, Timestamp = timestamp, Headers = [] };
        foreach (var header in headers ?? [])
        {
            message.Headers.Add(header);
        }
        return message;
    }

    /// <summary>An event as the producer writes it, with another value of one field.</summary>
    private static byte[] Event(string field = "level", string json = "\"Information\"")
    {
        var fields = new Dictionary<string, string>
        {
            ["id"] = Text(Guid.CreateVersion7().ToString()),
            ["source"] = "\"checkout\"",
            ["level"] = "\"Information\"",
            ["message"] = "\"m\"",
            ["timestamp"] = "\"2026-11-22T07:00:00Z\"",
            [field] = json,
        };
        return Encoding.UTF8.GetBytes($"{{{string.Join(',', fields.Select(f => $"\"{f.Key}\":{f.Value}"))}}}");
    }

    private static string Text(string text) => $"\"{text}\"";

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);
}
