using System.Buffers;
using LogPartitioning.LoadTest.Ledgers;

namespace LogPartitioning.LoadTest.Sending;

/// <summary>
/// Sends a lane: one request at a time, what has an unknown outcome again with the same ids, what is acknowledged
/// into the ledger before it counts.
/// </summary>
internal sealed class LaneSender(
    LogsClient client, Ledger ledger, LoadCounters counters, SendingOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(10);

    /// <summary>Sends until the lane ends or <paramref name="stop"/> is cancelled.</summary>
    /// <param name="lane">What to send.</param>
    /// <param name="stop">Ends the making of new events; those in flight are still brought to an end.</param>
    /// <param name="abandon">Ends everything at once; events in flight become unknown.</param>
    public async Task RunAsync(IEventLane lane, CancellationToken stop, CancellationToken abandon)
    {
        var batch = new EventBatch();
        var body = new ArrayBufferWriter<byte>(64 * 1024);
        var pace = new Pace(lane.Rate, time);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                batch.Clear();
                await lane.FillAsync(batch, await pace.WaitAsync(options.Batch, stop), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            if (batch.Events.Count == 0)
            {
                return;
            }

            pace.Sent(batch.Events.Count);
            counters.Sent(batch.Events.Count);
            await SendAsync(batch.Events, body, abandon);
        }
    }

    private async Task SendAsync(IReadOnlyList<OutgoingEvent> pending, ArrayBufferWriter<byte> body, CancellationToken abandon)
    {
        var firstAttemptAt = time.GetTimestamp();
        var backoff = FirstBackoff;
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                body.ResetWrittenCount();
                EventBatch.WriteNdjson(pending, ledger.Run, body);
                var startedAt = time.GetTimestamp();
                var answer = await client.PostAsync(body.WrittenMemory, pending.Count, abandon);
                counters.Answered(time.GetElapsedTime(startedAt), answer.Problem);
                pending = await SettleAsync(pending, answer, attempt);
                if (pending.Count == 0 || time.GetElapsedTime(firstAttemptAt) >= options.GiveUp)
                {
                    break;
                }

                counters.Retried(attempt == 1 ? pending.Count : 0);
                await Task.Delay(Shorter(LongestRetryAfter, Longer(answer.RetryAfter ?? backoff, backoff)), time, abandon);
                backoff = Shorter(LongestBackoff, backoff * 2);
            }
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            // What is pending is given up.
        }

        await ledger.AppendAsync(
            [.. pending.Select(e => new UnknownEntry(e.Id, e.Source, e.Sequence))], CancellationToken.None);
        counters.GivenUp(pending.Count);
    }

    /// <summary>Writes what was acknowledged, counts what was rejected, returns what is still open.</summary>
    private async Task<IReadOnlyList<OutgoingEvent>> SettleAsync(
        IReadOnlyList<OutgoingEvent> sent, RequestOutcome answer, int attempt)
    {
        var acknowledged = new List<LedgerEntry>(sent.Count);
        var open = new List<OutgoingEvent>();
        foreach (var (logEvent, outcome) in sent.Zip(answer.Outcomes))
        {
            switch (outcome.Status)
            {
                case EventStatus.Acknowledged:
                    acknowledged.Add(new LedgerEntry(
                        logEvent.Id, logEvent.Source, logEvent.Sequence, outcome.Partition, outcome.Offset, outcome.Key, attempt,
                        LedgerEntry.MessageHash(logEvent.Message)));
                    break;
                case EventStatus.Rejected:
                    counters.Rejected($"{logEvent.Source} #{logEvent.Sequence}: {outcome.Error}");
                    break;
                default:
                    open.Add(logEvent);
                    break;
            }
        }

        // An acknowledgement that has arrived is written whatever was cancelled meanwhile.
        await ledger.AppendAsync(acknowledged, CancellationToken.None);
        counters.Acknowledged(acknowledged);
        return open;
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
