using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;

namespace LogPartitioning.Gateway.Otlp;

/// <summary>Unpacks messages of gRPC, and not more of them than may come unpacked: gRPC's own unpack whatever there is before they look at its length.</summary>
/// <param name="name">The encoding's name in gRPC.</param>
/// <param name="maxBytes">The most bytes of a message.</param>
internal sealed class BoundedCompression(string name, long maxBytes) : ICompressionProvider
{
    public const string Gzip = "gzip";
    public const string Deflate = "deflate";

    public string EncodingName => name;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => name == Gzip
        ? new GZipStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true)
        : new ZLibStream(stream, compressionLevel ?? CompressionLevel.Fastest, leaveOpen: true);

    public Stream CreateDecompressionStream(Stream stream) => new Bounded(
        name == Gzip ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true), maxBytes);

    private sealed class Bounded(Stream inner, long maxBytes) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => inner.Flush();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read)
        {
            _read += read;
            return _read <= maxBytes ? read : throw new RpcException(new(StatusCode.ResourceExhausted, $"A message must have at most {maxBytes} bytes."));
        }
    }
}
