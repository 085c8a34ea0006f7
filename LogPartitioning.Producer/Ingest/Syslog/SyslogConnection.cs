using System.Buffers;
using System.IO.Pipelines;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>
/// Reads one connection. One batch of it is on its way at a time, and nothing more is read until the brokers have that: then the sender's socket fills up,
/// and it waits.
/// </summary>
/// <param name="reader">The bytes that come.</param>
/// <param name="peer">The sender's address.</param>
/// <param name="events">Makes events; for this connection alone.</param>
/// <param name="memory">What the connection holds.</param>
/// <param name="send">Sends a batch, and returns when it is acknowledged.</param>
internal sealed class SyslogConnection(PipeReader reader, string peer, SyslogEvents events, HeldMemory memory, Func<EventBatch, CancellationToken, Task> send)
{
    /// <summary>The most events that are sent together.</summary>
    public const int MaxBatchEvents = 1_000;

    /// <summary>Reads to the end of the connection, or until <see cref="PipeReader.CancelPendingRead"/>. What came before that is acknowledged then.</summary>
    /// <exception cref="IOException">The connection was cut. All whole messages that came before are acknowledged.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: what was read and is not acknowledged is lost.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var frames = new SyslogFrames();
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var isLast = read.IsCompleted || read.IsCanceled;
            var left = read.Buffer;
            await memory.SetAsync(left.Length, cancellationToken);
            while (TakeBatch(frames, ref left, isLast) is { } batch)
            {
                await send(batch, cancellationToken);
            }

            var rest = left.Length;
            reader.AdvanceTo(left.Start, left.End);
            if (isLast)
            {
                return;
            }

            await memory.SetAsync(rest, cancellationToken);
        }
    }

    private EventBatch? TakeBatch(SyslogFrames frames, ref ReadOnlySequence<byte> left, bool isLast)
    {
        EventBatch? batch = null;
        while ((batch is null || batch.Entries.Count < MaxBatchEvents)
            && (isLast ? frames.TryReadLast(ref left, out var frame) : frames.TryRead(ref left, out frame)))
        {
            events.Add(batch ??= new(), frame.Bytes, frame.Truncated, peer);
        }

        return batch;
    }
}
