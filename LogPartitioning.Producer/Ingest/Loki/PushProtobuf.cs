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
            // All of it before anything is taken.
            CheckWhole(body);
            var request = new ProtobufFields(body);
            while (request.MoveNext())
            {
                if (request is { Number: Streams, HasBytes: true })
                {
                    ReadStream(request.Bytes, events);
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw RequestRefusedException.Malformed($"The body is no logproto.PushRequest: {e.Message} Nothing of it was taken.");
        }
    }

    private static void CheckWhole(ReadOnlySpan<byte> body)
    {
        var request = new ProtobufFields(body);
        while (request.MoveNext())
        {
            var stream = new ProtobufFields(request.Number == Streams ? request.Bytes : []);
            while (stream.MoveNext())
            {
                var entry = new ProtobufFields(stream.Number == StreamEntries ? stream.Bytes : []);
                while (entry.MoveNext())
                {
                    var part = new ProtobufFields(entry.Number is EntryTimestamp or EntryMetadata or EntryParsed ? entry.Bytes : []);
                    while (part.MoveNext())
                    {
                    }
                }
            }
        }
    }

    private static void ReadStream(ReadOnlySpan<byte> stream, LokiEvents events)
    {
        // The labels may come after the entries.
        ReadOnlySpan<byte> labels = [];
        var fields = new ProtobufFields(stream);
        while (fields.MoveNext())
        {
            labels = fields is { Number: StreamLabels, HasBytes: true } ? fields.Bytes : labels;
        }

        events.BeginStream(LabelSet.TryParse(labels, events.Labels));
        fields = new ProtobufFields(stream);
        while (fields.MoveNext())
        {
            if (fields is { Number: StreamEntries, HasBytes: true })
            {
                ReadEntry(fields.Bytes, events);
            }
        }
    }

    private static void ReadEntry(ReadOnlySpan<byte> entry, LokiEvents events)
    {
        events.Metadata.Clear();
        SentTime? time = null;
        ReadOnlySpan<byte> line = [];
        var fields = new ProtobufFields(entry);
        while (fields.MoveNext())
        {
            switch (fields.Number)
            {
                case EntryTimestamp:
                    time = TimeOf(fields.Bytes);
                    break;
                case EntryLine:
                    line = fields.Bytes;
                    break;
                case EntryMetadata or EntryParsed:
                    ReadPair(fields.Bytes, events.Metadata);
                    break;
            }
        }

        events.Add(time, line);
    }

    private static void ReadPair(ReadOnlySpan<byte> pair, LabelPairs pairs)
    {
        ReadOnlySpan<byte> name = [], value = [];
        var fields = new ProtobufFields(pair);
        while (fields.MoveNext())
        {
            name = fields.Number == PairName ? fields.Bytes : name;
            value = fields.Number == PairValue ? fields.Bytes : value;
        }

        pairs.Add(name, value);
    }

    private static SentTime? TimeOf(ReadOnlySpan<byte> timestamp)
    {
        long seconds = 0, nanoseconds = 0;
        var fields = new ProtobufFields(timestamp);
        while (fields.MoveNext())
        {
            seconds = fields.Number == TimestampSeconds ? (long)fields.Value : seconds;
            nanoseconds = fields.Number == TimestampNanoseconds ? (long)fields.Value : nanoseconds;
        }

        return nanoseconds is >= 0 and < NanosecondsPerSecond && seconds is > long.MinValue / NanosecondsPerSecond and < long.MaxValue / NanosecondsPerSecond
            ? SentTime.OfUnixNanoseconds((seconds * NanosecondsPerSecond) + nanoseconds)
            : null;
    }
}
