using LogPartitioning.Producer;
using LogPartitioning.Producer.Ingest;
using Microsoft.AspNetCore.Http;

namespace LogPartitioning.Tests.Producer.Ingest;

/// <summary>What a body takes that is larger unpacked than it is packed.</summary>
public sealed class WholeBodyTests
{
    private const long MaxAllocated = 5L * IngestLimits.MaxBodyBytes;

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("zstd")]
    public async Task A_gigabyte_in_a_few_bytes_takes_no_gigabyte(string encoding)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.ContentEncoding = encoding;
        context.Request.Body = new MemoryStream(PackedBody.Of(new byte[1024 * 1024], encoding, times: 1024));
        using var memory = ReadRequest.Memory();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = WholeBody.ReadAsync(context.Request, memory, CancellationToken.None);
        Assert.True(read.IsCompleted, "What is here already is read at once, on this thread, whose memory is counted.");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        var refused = await Assert.ThrowsAsync<RequestRefusedException>(async () => await read);
        Assert.Equal(StatusCodes.Status413PayloadTooLarge, refused.Status);
    }
}
