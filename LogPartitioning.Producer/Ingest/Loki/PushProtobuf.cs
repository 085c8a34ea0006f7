using LogPartitioning.Otlp;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// Reads a push as agents send it: <c>logproto.PushRequest</c> in the wire format of Protocol Buffers. The numbers of its fields are those of Loki's
/// <c>pkg/push/push.proto</c>; what is not named here is of no matter for a push.
/// </summary>
internal static class PushProtobuf
{
    private const int Streams = 1;
    private const int StreamLabels = 1;
    private const int StreamEntries = 2;
    private const int EntryTimestamp = 1;
    private const int EntryLine = 2;
    private const int EntryMetadata = 3;
    private const int EntryParsed = 4;
    private const int PairName = 1;
    private const int PairValue = 2;
    private const int TimestampSeconds = 1;
    private const int TimestampNanoseconds = 2;

    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <exception cref="RequestRefusedException">400: it is no push; 413: it has too many entries.</exception>
    public static void Read(ReadOnlySpan<byte> body, LokiEvents events)
    {
        try
        {
            var request = new WireReader(body);
            while (request.Next())
            {
                if (request.Is(Streams, WireType.Bytes))
                {
                    ReadStream(request.Bytes(), events);
                }
                else
                {
                    request.Skip();
                }
            }
        }
        catch (MalformedProtobufException e)
        {
            throw RequestRefusedException.Malformed($"The body is no logproto.PushRequest: {e.Message} Nothing of it was taken.");
        }
    }

    private static void ReadStream(ReadOnlySpan<byte> stream, LokiEvents events)
    {
        // The labels may come after the entries.
        ReadOnlySpan<byte> labels = [];
        var fields = new WireReader(stream);
        while (fields.Next())
        {
            if (fields.Is(StreamLabels, WireType.Bytes))
            {
                labels = fields.Bytes();
            }
            else
            {
                fields.Skip();
            }
        }

        events.BeginStream(LabelSet.TryParse(labels, events.Labels));
        fields = new WireReader(stream);
        while (fields.Next())
        {
            if (fields.Is(StreamEntries, WireType.Bytes))
            {
                ReadEntry(fields.Bytes(), events);
            }
            else
            {
                fields.Skip();
            }
        }
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, LokiEvents events)
    {
        events.Metadata.Clear();
        SentTime? time = null;
        ReadOnlySpan<byte> line = [];
        var fields = new WireReader(entry);
        while (fields.Next())
        {
            switch ((fields.Field, fields.Type))
            {
                case (EntryTimestamp, WireType.Bytes):
                    time = TimeOf(fields.Bytes());
                    break;
                case (EntryLine, WireType.Bytes):
                    line = fields.Bytes();
                    break;
                case (EntryMetadata or EntryParsed, WireType.Bytes):
                    ReadPair(fields.Bytes(), events.Metadata);
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        events.Add(time, line);
    }

    private static void ReadPair(ReadOnlySpan<byte> pair, LabelPairs pairs)
    {
        ReadOnlySpan<byte> name = [], value = [];
        var fields = new WireReader(pair);
        while (fields.Next())
        {
            switch ((fields.Field, fields.Type))
            {
                case (PairName, WireType.Bytes):
                    name = fields.Bytes();
                    break;
                case (PairValue, WireType.Bytes):
                    value = fields.Bytes();
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        pairs.Add(name, value);
    }

    private static SentTime? TimeOf(ReadOnlySpan<byte> timestamp)
    {
        long seconds = 0, nanoseconds = 0;
        var fields = new WireReader(timestamp);
        while (fields.Next())
        {
            switch ((fields.Field, fields.Type))
            {
                case (TimestampSeconds, WireType.Varint):
                    seconds = (long)fields.Varint();
                    break;
                case (TimestampNanoseconds, WireType.Varint):
                    nanoseconds = (long)fields.Varint();
                    break;
                default:
                    fields.Skip();
                    break;
            }
        }

        return nanoseconds is >= 0 and < NanosecondsPerSecond && seconds is > long.MinValue / NanosecondsPerSecond and < long.MaxValue / NanosecondsPerSecond
            ? SentTime.OfUnixNanoseconds((seconds * NanosecondsPerSecond) + nanoseconds)
            : null;
    }
}
