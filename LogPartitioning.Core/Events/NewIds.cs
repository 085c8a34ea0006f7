using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LogPartitioning.Core.Events;

/// <summary>New ids of events: UUIDv7 (RFC 9562, section 5.7), as <see cref="Guid.CreateVersion7(DateTimeOffset)"/> makes them.</summary>
internal static class NewIds
{
    private const int IdBytes = 16;

    /// <summary>Random bytes are fetched for so many ids at once: by itself each costs a call of the system, and ten times as much.</summary>
    private const int AtOnce = 64;

    [ThreadStatic]
    private static byte[]? t_random;

    [ThreadStatic]
    private static int t_used;

    /// <summary>A new id, from a generator that is fit for secrets.</summary>
    public static Guid Create(DateTimeOffset at)
    {
        var random = t_random;
        if (random is null || t_used == random.Length)
        {
            random = t_random ??= new byte[AtOnce * IdBytes];
            RandomNumberGenerator.Fill(random);
            t_used = 0;
        }

        var bytes = random.AsSpan(t_used, IdBytes);
        t_used += IdBytes;
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)at.ToUnixTimeMilliseconds() << 16) | 0x7000 | (BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x0fffu));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new Guid(bytes, bigEndian: true);
    }
}
