using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// Ids for the events of a protocol that has none: made of the request's bytes and the event's place in it, so that a request that is sent again brings
/// the same ids, and each event is stored once. Of an event with a time it is a UUIDv7 of that time, which indexes like, else a UUIDv8.
/// </summary>
internal readonly struct ContentIds
{
    private readonly byte[] _digest;

    /// <param name="body">The request, unpacked.</param>
    public ContentIds(ReadOnlySpan<byte> body) => _digest = SHA256.HashData(body);

    /// <param name="body">The request, unpacked.</param>
    /// <param name="beside">What its events say that the body does not: a tenant, the name of an index.</param>
    public ContentIds(ReadOnlySpan<byte> body, string? beside)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // With its length before it, it is clear where the body ends, whatever it has in it.
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(length, body.Length);
        hash.AppendData(length);
        hash.AppendData(body);
        hash.AppendData(Encoding.UTF8.GetBytes(beside ?? ""));
        _digest = hash.GetHashAndReset();
    }

    /// <summary>The id of an event.</summary>
    /// <param name="index">Its place in the request.</param>
    /// <param name="time">Its own time; null where it has none. Never the time of receipt, which is another one each time.</param>
    public Guid Of(int index, DateTimeOffset? time)
    {
        Span<byte> place = stackalloc byte[SHA256.HashSizeInBytes + sizeof(int)];
        _digest.CopyTo(place);
        BinaryPrimitives.WriteInt32BigEndian(place[SHA256.HashSizeInBytes..], index);
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(place, id);
        if (time?.ToUnixTimeMilliseconds() is { } milliseconds and >= 0)
        {
            BinaryPrimitives.WriteUInt64BigEndian(id, ((ulong)milliseconds << 16) | 0x7000 | (BinaryPrimitives.ReadUInt16BigEndian(id[6..]) & 0x0fffu));
        }
        else
        {
            id[6] = (byte)(0x80 | (id[6] & 0x0f));
        }

        id[8] = (byte)(0x80 | (id[8] & 0x3f));
        return new Guid(id[..16], bigEndian: true);
    }
}
