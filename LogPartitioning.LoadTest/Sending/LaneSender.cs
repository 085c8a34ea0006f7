using System.Buffers;
using LogPartitioning.LoadTest.Ledgers;
using LogPartitioning.LoadTest.Load;

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
            int due;
            try
            {
                due = await pace.WaitAsync(options.Batch, stop).ConfigureAwait(false);
                batch.Clear();
                await lane.FillAsync(batch, due, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }

            if (batch.Events.Count == 0)
            {
                break;
            }

            pace.Sent(batch.Events.Count);
            await SendAsync(batch.Events, body, abandon).ConfigureAwait(false);
        }
    }

    private async Task SendAsync(IReadOnlyList<OutgoingEvent> events, ArrayBufferWriter<byte> body, CancellationToken abandon)
    {
        counters.Sent(events.Count);
        var pending = events;
        var firstAttemptAt = time.GetTimestamp();
        var backoff = FirstBackoff;
        for (var attempt = 1; ; attempt++)
        {
            RequestOutcome answer;
            try
            {
                body.ResetWrittenCount();
                EventBatch.WriteNdjson(pending, ledger.Run, body);
                var startedAt = time.GetTimestamp();
                answer = await client.PostAsync(body.WrittenMemory, pending.Count, abandon).ConfigureAwait(false);
                counters.Answered(time.GetElapsedTime(startedAt), answer.Problem);
                pending = await SettleAsync(pending, answer, attempt).ConfigureAwait(false);
                if (pending.Count == 0)
                {
                    return;
                }

                if (time.GetElapsedTime(firstAttemptAt) >= options.GiveUp)
                {
                    await GiveUpAsync(pending).ConfigureAwait(false);
                    return;
                }

                if (attempt == 1)
                {
                    counters.Retried(pending.Count);
                }

                await Task.Delay(Wait(answer.RetryAfter, backoff), time, abandon).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (abandon.IsCancellationRequested)
            {
                await GiveUpAsync(pending).ConfigureAwait(false);
                return;
            }

            backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        }
    }

    /// <summary>Writes what was acknowledged, counts what was rejected, returns what is still open.</summary>
    private async Task<IReadOnlyList<OutgoingEvent>> SettleAsync(
        IReadOnlyList<OutgoingEvent> sent, RequestOutcome answer, int attempt)
    {
        var acknowledged = new List<LedgerEntry>(sent.Count);
        var open = new List<OutgoingEvent>();
        for (var i = 0; i < sent.Count; i++)
        {
            var outcome = answer.Outcomes[i];
            var logEvent = sent[i];
            switch (outcome.Status)
            {
                case EventStatus.Acknowledged:
                    acknowledged.Add(new LedgerEntry(
                        ledger.Run, logEvent.Id, logEvent.Source, logEvent.Sequence, outcome.Partition, outcome.Offset,
                        outcome.Key, attempt, LedgerEntry.MessageHash(logEvent.Message)));
                    break;
                case EventStatus.Rejected:
                    counters.Rejected(1, $"{logEvent.Source} #{logEvent.Sequence}: {outcome.Error}");
                    break;
                default:
                    open.Add(logEvent);
                    break;
            }
        }

        // An acknowledgement that has arrived is written whatever was cancelled meanwhile.
        await ledger.AppendAsync(acknowledged, CancellationToken.None).ConfigureAwait(false);
        counters.Acknowledged(acknowledged);
        return open;
    }

    private async Task GiveUpAsync(IReadOnlyList<OutgoingEvent> open)
    {
        var unknown = open.Select(e => new UnknownEntry(ledger.Run, e.Id, e.Source, e.Sequence)).ToArray();
        await ledger.AppendUnknownAsync(unknown, CancellationToken.None).ConfigureAwait(false);
        counters.GivenUp(unknown.Length);
    }

    private static TimeSpan Wait(TimeSpan? asked, TimeSpan backoff)
    {
        var wait = asked is { } told && told > backoff ? told : backoff;
        return wait < LongestRetryAfter ? wait : LongestRetryAfter;
    }
}
