using System.Text;
using Snappier;

namespace LogPartitioning.Tests.Producer.Ingest.Loki;

/// <summary>Writes a push as agents do, in the wire format of Protocol Buffers, packed with snappy.</summary>
internal static class PushBytes
{
    /// <summary>A push, packed.</summary>
    public static byte[] Of(params (string Labels, Entry[] Entries)[] streams) => Snappy.CompressToArray(Unpacked(streams));

    /// <summary>A push.</summary>
    public static byte[] Unpacked(params (string Labels, Entry[] Entries)[] streams) =>
        [.. streams.SelectMany(stream => Field(1, [.. Field(1, Encoding.UTF8.GetBytes(stream.Labels)), .. stream.Entries.SelectMany(entry => Field(2, Bytes(entry))), .. Number(3, 12345)]))];

    private static byte[] Bytes(Entry entry)
    {
        var (seconds, nanoseconds) = Math.DivRem(entry.Nanoseconds, 1_000_000_000);
        return
        [
            .. Field(1, [.. Number(1, (ulong)seconds), .. nanoseconds == 0 ? [] : Number(2, (ulong)nanoseconds)]),
            .. Field(2, entry.Line),
            .. entry.Metadata.SelectMany(pair => Field(3, [.. Field(1, Encoding.UTF8.GetBytes(pair.Name)), .. Field(2, Encoding.UTF8.GetBytes(pair.Value))])),
            // A field of each other kind, which readers pass over.
            (15 << 3) | 1, 1, 2, 3, 4, 5, 6, 7, 8,
            (14 << 3) | 5, 1, 2, 3, 4,
        ];
    }

    private static byte[] Field(int number, byte[] bytes) => [.. Varint((ulong)(number << 3 | 2)), .. Varint((ulong)bytes.Length), .. bytes];

    private static byte[] Number(int number, ulong value) => [.. Varint((ulong)(number << 3)), .. Varint(value)];

    private static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }

    /// <summary>An entry of a stream.</summary>
    internal sealed record Entry(long Nanoseconds, byte[] Line, params (string Name, string Value)[] Metadata)
    {
        public Entry(long nanoseconds, string line, params (string Name, string Value)[] metadata)
            : this(nanoseconds, Encoding.UTF8.GetBytes(line), metadata)
        {
        }
    }
}
