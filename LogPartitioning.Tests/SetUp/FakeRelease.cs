using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace LogPartitioning.Tests.SetUp;

/// <summary>An archive with the layout of a Kafka release and one jar of random bytes in it.</summary>
internal static class FakeRelease
{
    public const string Version = "4.99.0";
    public const string Name = $"kafka_2.13-{Version}";

    /// <summary>Where it is below a base address.</summary>
    public const string Path = $"/kafka/{Version}/{Name}.tgz";

    public static byte[] Archive { get; } = Pack();

    public static string Digest { get; } = DigestOf(Archive);

    public static string DigestOf(byte[] archive) => Convert.ToHexStringLower(SHA512.HashData(archive));

    private static byte[] Pack()
    {
        var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Ustar))
        {
            var jar = new UstarTarEntry(TarEntryType.RegularFile, $"{Name}/libs/{Name}.jar")
            {
                DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(100_000)),
            };
            tar.WriteEntry(jar);
        }

        return archive.ToArray();
    }
}
