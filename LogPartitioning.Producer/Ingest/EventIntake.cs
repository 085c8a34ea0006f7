using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Producer.Topology;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// The one way of events to the brokers, by whatever protocol they came: bounded in bytes, in requests at work and in records that wait, and answered
/// after the brokers' acknowledgement.
/// </summary>
internal sealed partial class EventIntake(
    BufferBudget budget,
    ConcurrentRequests requests,
    EventIds ids,
    EventDelivery delivery,
    TopologyState topology,
    ProducerMetrics metrics,
    ILogger<EventIntake> log)
{
    /// <summary>How long a request waits for the first look at the topics. Clients that give up at the first 503 would lose what they sent to a producer that has just started.</summary>
    private static readonly TimeSpan s_firstLook = TimeSpan.FromSeconds(10);

    /// <summary>Takes a request from its first byte to its answer.</summary>
    public async Task<IResult> AnswerAsync(HttpContext context, IIngestProtocol protocol)
    {
        try
        {
            return protocol.Answer(context, await TakeAsync(context, protocol));
        }
        catch (RequestRefusedException refused)
        {
            return Refuse(refused);
        }
        catch (BadHttpRequestException bad)
        {
            return Refuse(RequestRefusedException.Of(bad));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogGone(log);
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }

        IResult Refuse(RequestRefusedException refused)
        {
            metrics.Rejected(refused.Reason);
            return protocol.Refuse(context, refused);
        }
    }

    /// <summary>Sends the events of a batch that may be sent, but those of which it is known that they were accepted, or that another event has their id.</summary>
    /// <param name="batch">The events.</param>
    /// <param name="requestId">Names the request in a log.</param>
    /// <param name="cancellationToken">The client went away: what was sent until then may or may not be acknowledged.</param>
    public async Task<Intake> SendAsync(EventBatch batch, string requestId, CancellationToken cancellationToken)
    {
        var valid = batch.RejectedCount == 0 ? batch.Entries : [.. batch.Entries.Where(entry => entry.Problem is null)];
        metrics.Rejected(RejectionReason.Invalid, batch.RejectedCount);
        var outcomes = await DeliverAsync(valid, cancellationToken);
        var (acknowledged, duplicates, taken) = Count(outcomes);
        metrics.Duplicates(duplicates);
        metrics.Rejected(RejectionReason.IdConflict, taken);
        metrics.Rejected(RejectionReason.NotAcknowledged, outcomes.Length - acknowledged - taken);
        if (acknowledged < outcomes.Length && outcomes.FirstOrDefault(outcome => outcome.Cause is not null) is { Cause: { } cause })
        {
            // Of several, the first: where one stands in the way, it stands in the way of all.
            LogNotAcknowledged(log, outcomes.Length - acknowledged - taken, outcomes.Length, cause, requestId);
        }

        return new(batch, valid, outcomes, acknowledged);
    }

    private async Task<Intake> TakeAsync(HttpContext context, IIngestProtocol protocol)
    {
        protocol.Check(context.Request);
        if (context.Request.ContentLength > IngestLimits.MaxBodyBytes)
        {
            throw RequestRefusedException.TooManyBytes();
        }

        await CheckTopicsAsync(context.RequestAborted);
        using var memory = budget.Open(context.Features.Get<ArrivingBody>());
        var batch = await protocol.ReadAsync(context, memory);
        // Not before the body is here: a client that sends slowly would keep out those that do not.
        using var turn = await requests.WaitAsync(context.RequestAborted);
        return await SendAsync(batch, RequestId.Of(context), context.RequestAborted);
    }

    private async ValueTask CheckTopicsAsync(CancellationToken cancellationToken)
    {
        if (topology.IsReady)
        {
            return;
        }

        await Task.WhenAny(topology.FirstLook.WaitAsync(cancellationToken), Task.Delay(s_firstLook, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (!topology.IsReady)
        {
            throw RequestRefusedException.Overloaded(topology.Problem);
        }
    }

    /// <returns>The outcome of each, in their order.</returns>
    private async Task<DeliveryOutcome[]> DeliverAsync(IReadOnlyList<RequestEvent> events, CancellationToken cancellationToken)
    {
        var uses = await ids.JudgeAsync(events, cancellationToken);
        var known = uses.Count(use => use is not null);
        var sent = await delivery.DeliverAsync(known == 0 ? events : [.. events.Where((_, index) => uses[index] is null)], cancellationToken);
        var outcomes = new DeliveryOutcome[events.Count];
        var next = 0;
        for (var i = 0; i < outcomes.Length; i++)
        {
            switch (uses[i])
            {
                case IdUse.Acknowledged before:
                    outcomes[i] = DeliveryOutcome.Acknowledged(before.Key, before.Partition, before.Offset) with { IsDuplicate = true };
                    break;
                case IdUse.Taken taken:
                    outcomes[i] = DeliveryOutcome.Failed("", $"id {taken.Rule}", DeliveryFailure.IdTaken);
                    break;
                case IdUse.Repeated earlier:
                    outcomes[i] = outcomes[earlier.Index] with { IsDuplicate = outcomes[earlier.Index].IsAcknowledged };
                    break;
                default:
                    outcomes[i] = sent[next++];
                    ids.Settle(events[i], outcomes[i]);
                    break;
            }
        }

        return outcomes;
    }

    private static (int Acknowledged, int Duplicates, int Taken) Count(DeliveryOutcome[] outcomes)
    {
        var (acknowledged, duplicates, taken) = (0, 0, 0);
        foreach (var outcome in outcomes)
        {
            acknowledged += outcome.IsAcknowledged ? 1 : 0;
            duplicates += outcome.IsDuplicate ? 1 : 0;
            taken += outcome.Failure == DeliveryFailure.IdTaken ? 1 : 0;
        }

        return (acknowledged, duplicates, taken);
    }

    [LoggerMessage(11, LogLevel.Warning, "{Failed} of {Events} events of a request are not acknowledged: {Cause} (trace {RequestTraceId})")]
    private static partial void LogNotAcknowledged(ILogger log, int failed, int events, string cause, string requestTraceId);

    [LoggerMessage(10, LogLevel.Debug, "The client went away before it was answered.")]
    private static partial void LogGone(ILogger log);
}
