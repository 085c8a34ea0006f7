using System.Buffers;
using System.IO.Pipelines;
using LogPartitioning.Core.Events;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// Reads the events of a request while its body arrives. The whole body is read before anything is sent, so a request that
/// is refused has sent nothing.
/// </summary>
internal sealed class RequestReader(LogEventReader events)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <exception cref="RequestRefusedException">The body is malformed, empty or too large.</exception>
    /// <exception cref="BadHttpRequestException">The body does not keep the rules of HTTP, or comes too slowly.</exception>
    public async ValueTask<EventBatch> ReadAsync(
        PipeReader body, BodyForm form, BufferBudget.Reservation memory, CancellationToken cancellationToken)
    {
        var batch = new EventBatch();
        var reading = new JsonEvents(events, batch);
        IBodyScanner scanner = form == BodyForm.NewlineDelimited ? new LineScanner(reading) : new JsonScanner(reading);
        var atStart = true;
        long used = 0;
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            if (read.IsCanceled)
            {
                throw new OperationCanceledException(cancellationToken);
            }

            var buffer = read.Buffer;
            try
            {
                if (used + buffer.Length > IngestLimits.MaxBodyBytes)
                {
                    throw RequestRefusedException.TooManyBytes();
                }

                memory.Hold(used + buffer.Length, read.IsCompleted);
                var consumed = buffer.Start;
                if (!atStart || buffer.Length >= ByteOrderMark.Length || read.IsCompleted)
                {
                    var content = atStart ? WithoutByteOrderMark(buffer) : buffer;
                    atStart = false;
                    consumed = scanner.Scan(content, read.IsCompleted);
                }

                used += buffer.Slice(0, consumed).Length;
                body.AdvanceTo(consumed, buffer.End);
            }
            catch (RequestRefusedException)
            {
                // A read that is left open keeps the server from passing over the rest of the body: it would answer, and
                // then cut the connection under the client's next request.
                body.AdvanceTo(buffer.End);
                throw;
            }

            if (read.IsCompleted)
            {
                break;
            }
        }

        return batch.Entries.Count > 0
            ? batch
            : throw RequestRefusedException.Malformed("The body must hold at least one event.");
    }

    private static ReadOnlySequence<byte> WithoutByteOrderMark(ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[3];
        if (buffer.Length < start.Length)
        {
            return buffer;
        }

        buffer.Slice(0, start.Length).CopyTo(start);
        return start.SequenceEqual(ByteOrderMark) ? buffer.Slice(start.Length) : buffer;
    }
}
