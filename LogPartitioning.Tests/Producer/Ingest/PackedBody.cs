using System.IO.Compression;
using ZstdSharp;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>Packs bodies of requests.</summary>
internal static class PackedBody
{
    /// <summary>A body as <c>Content-Encoding</c> says.</summary>
    /// <param name="body">The body.</param>
    /// <param name="encoding">The encoding.</param>
    /// <param name="times">How often the body comes, one after the other.</param>
    public static byte[] Of(byte[] body, string encoding, int times = 1)
    {
        using var packed = new MemoryStream();
        using (Stream stream = encoding.ToLowerInvariant() switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true),
            "zstd" => new CompressionStream(packed, leaveOpen: true),
            "identity" => Stream.Synchronized(packed),
            _ => throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "It is no encoding."),
        })
        {
            for (var i = 0; i < times; i++)
            {
                stream.Write(body);
            }
        }

        return packed.ToArray();
    }
}
