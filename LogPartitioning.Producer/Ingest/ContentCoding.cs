using System.IO.Compression;
using Microsoft.Net.Http.Headers;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace LogPartitioning.Producer.Ingest;

/// <summary>How the bytes of a body are packed: <c>Content-Encoding</c>.</summary>
internal static class ContentCoding
{
    /// <summary>What a sender of zstd may make the reader remember, as a power of two: 8 MiB, which RFC 9659 asks for.</summary>
    private const int MaxWindowLog = 23;

    /// <exception cref="RequestRefusedException">415: an encoding that is not known here, or several.</exception>
    public static void Check(HttpRequest request) => _ = Of(request);

    /// <summary>The body as it was before it was packed.</summary>
    /// <exception cref="RequestRefusedException">415: an encoding that is not known here, or several.</exception>
    public static Stream Unpack(HttpRequest request) => Of(request) switch
    {
        "" => request.Body,
        "gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        _ => Zstd(request.Body),
    };

    /// <summary>Whether an exception says that the body is not what its encoding promises.</summary>
    public static bool IsMalformed(Exception e) => e is InvalidDataException or ZstdException or EndOfStreamException;

    private static DecompressionStream Zstd(Stream body)
    {
        var stream = new DecompressionStream(body, leaveOpen: true);
        stream.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, MaxWindowLog);
        return stream;
    }

    private static string Of(HttpRequest request)
    {
        var found = "";
        foreach (var named in request.Headers.GetCommaSeparatedValues(HeaderNames.ContentEncoding))
        {
            var coding = named.Trim().ToLowerInvariant() switch
            {
                "" or "identity" => "",
                "gzip" or "x-gzip" => "gzip",
                "deflate" => "deflate",
                "zstd" => "zstd",
                _ => throw RequestRefusedException.UnsupportedMediaType($"Content-Encoding is \"{(named.Length <= 128 ? named : named[..128])}\"; it must be gzip, deflate, zstd or none."),
            };
            found = found.Length == 0 ? coding
                : coding.Length == 0 ? found
                : throw RequestRefusedException.UnsupportedMediaType("Content-Encoding names several encodings; it must be gzip, deflate, zstd or none.");
        }

        return found;
    }
}
