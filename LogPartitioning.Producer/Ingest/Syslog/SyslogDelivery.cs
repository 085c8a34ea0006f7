using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Topology;

namespace LogPartitioning.Producer.Ingest.Syslog;

/// <summary>
/// Sends events until the brokers have them. Syslog has no answers, so a sender never learns that it should send again: what is not acknowledged is sent
/// again from here, with the ids that it has, and so is stored once.
/// </summary>
internal sealed class SyslogDelivery(EventIntake intake, ConcurrentRequests requests, TopologyState topology, ProducerMetrics metrics, SyslogLog log, TimeProvider time)
{
    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(5);

    /// <summary>Sends the events of a batch, and returns when they are acknowledged, in their order.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/>: those that are not acknowledged are lost, and counted.</exception>
    public async Task SendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var left = batch;
        try
        {
            for (var delay = s_firstDelay; left.Entries.Count > 0; delay = delay < s_longestDelay / 2 ? 2 * delay : s_longestDelay)
            {
                var before = left.Entries.Count;
                left = await TrySendAsync(left, cancellationToken);
                if (left.Entries.Count == 0)
                {
                    return;
                }

                delay = left.Entries.Count < before ? s_firstDelay : delay;
                await Task.Delay(delay, time, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            metrics.SyslogDropped(SyslogDrop.Stopped, left.Entries.Count);
            log.Stopped(left.Entries.Count);
            throw;
        }
    }

    /// <returns>The events that are to be sent again.</returns>
    private async Task<EventBatch> TrySendAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        if (!topology.IsReady)
        {
            return batch;
        }

        Intake taken;
        try
        {
            using var turn = await requests.WaitAsync(cancellationToken);
            taken = await intake.SendAsync(batch, "syslog", cancellationToken);
        }
        catch (RequestRefusedException)
        {
            return batch; // Too many requests wait already.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it was, nobody else would send these events again.
            log.Failed("its way to the brokers", e);
            return batch;
        }

        var left = new EventBatch();
        for (var i = 0; i < taken.Sent.Count; i++)
        {
            var outcome = taken.Outcomes[i];
            if (outcome.MayRetry || outcome.Failure == DeliveryFailure.Setup)
            {
                left.Add(taken.Sent[i]);
            }
            else if (!outcome.IsAcknowledged)
            {
                metrics.SyslogDropped(SyslogDrop.TooLarge, 1);
                log.TooLarge(1, outcome.Error!);
            }
        }

        return left;
    }
}
