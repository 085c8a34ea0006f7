using System.Buffers;
using System.Buffers.Binary;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// Ids for the entries of a push, made of the entries themselves: a client that puts what was not taken into its next push brings the same ids, and each is
/// stored once. In Loki, too, entries of a stream with one time and one line are one; here two in one push are two.
/// </summary>
/// <param name="tenant">Whose the push is; null where it does not say.</param>
internal sealed class EntryIds(byte[]? tenant)
{
    private readonly AlikeIds _alike = new();
    private readonly ArrayBufferWriter<byte> _bytes = new();
    private Guid _stream;

    /// <summary>Begins another stream.</summary>
    public void BeginStream(LabelPairs labels)
    {
        _bytes.ResetWrittenCount();
        Write(tenant);
        Write(labels);
        _stream = new ContentIds(_bytes.WrittenSpan).Of(0, null);
    }

    /// <summary>The id of an entry of the stream.</summary>
    public Guid Of(SentTime time, ReadOnlySpan<byte> line, LabelPairs metadata)
    {
        _bytes.ResetWrittenCount();
        _stream.TryWriteBytes(_bytes.GetSpan(16));
        _bytes.Advance(16);
        Write((time.Time - DateTimeOffset.UnixEpoch).Ticks);
        Write(time.Nanoseconds);
        Write(line);
        Write(metadata);
        return _alike.Of(new(_bytes.WrittenSpan), time.Time);
    }

    private void Write(LabelPairs pairs)
    {
        Write(pairs.Count);
        for (var i = 0; i < pairs.Count; i++)
        {
            Write(pairs.NameAt(i));
            Write(pairs.ValueAt(i));
        }
    }

    /// <summary>With its length, so that it is clear where it ends.</summary>
    private void Write(ReadOnlySpan<byte> text)
    {
        Write(text.Length);
        _bytes.Write(text);
    }

    private void Write(long number)
    {
        BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(sizeof(long)), number);
        _bytes.Advance(sizeof(long));
    }
}
