using LogPartitioning.Producer.Delivery;
using LogPartitioning.Producer.Identity;
using LogPartitioning.Producer.Topology;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// Takes log events: one, a JSON array, or newline-delimited JSON.
/// <list type="bullet">
/// <item>The answer comes after the brokers' acknowledgement. An event is <c>accepted</c> exactly when they have it.</item>
/// <item>The whole body is read before the first event is sent. A body that is refused as a whole (400 malformed or empty, 413,
/// 415) has sent nothing. A JSON array that is not well-formed is refused as a whole; in newline-delimited JSON a broken line
/// is rejected by itself.</item>
/// <item>In a well-formed body of many events each has its own outcome, and the answer is 202 also when every one of them
/// breaks a rule: the outcomes say which and why.</item>
/// <item>When there were events to send and none was acknowledged the answer is 503 with <c>Retry-After</c> and the ids; when
/// some were, it is 202 and the others have <c>retry: true</c>. Either way they may be sent again with those ids, and each is
/// stored once.</item>
/// <item>Only what may be acknowledged when it is sent again is called so. An event that is too large for the brokers is 413, or
/// has <c>retry: false</c> among many; where an operator has to change something at the brokers first, the answer is 500.</item>
/// <item>An id that is known to be that of another event is 409, or has an error among many; the same event again is answered with
/// the place that it has, and is not sent again.</item>
/// </list>
/// </summary>
internal static partial class LogsApi
{
    private const string Route = "/api/logs";

    public static void MapLogsApi(this IEndpointRouteBuilder routes)
    {
        // Its counters are there from the start, at zero, and not from the first request on.
        _ = routes.ServiceProvider.GetRequiredService<ProducerMetrics>();
        MapPost(routes);
    }

    private static void MapPost(IEndpointRouteBuilder routes) => routes.MapPost(Route, PostAsync)
        .RequireAuthorization(Roles.Write)
        .WithName("PostLogs")
        .WithSummary("Takes one event, a JSON array of events, or newline-delimited JSON.")
        .WithDescription($"At most {IngestLimits.MaxEvents} events or {IngestLimits.MaxBodyBytes} bytes. Answered after the brokers' acknowledgement, "
            + "with partition and offset. Send an event again with the id that was answered, and it is stored once.")
        .WithRequestExample(BodyForms.Json, IngestExamples.OneEvent)
        .WithRequestExample(BodyForms.NewlineDelimitedJson, IngestExamples.Lines)
        .Produces<OneAccepted>(StatusCodes.Status202Accepted)
        .WithResponseExample(StatusCodes.Status202Accepted, IngestExamples.ManyAnswered)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .WithResponseExample(StatusCodes.Status400BadRequest, IngestExamples.InvalidEvent, "application/problem+json")
        .ProducesProblem(StatusCodes.Status408RequestTimeout)
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> PostAsync(
        HttpContext context,
        RequestReader reader,
        BufferBudget budget,
        ConcurrentRequests requests,
        EventIds ids,
        EventDelivery delivery,
        TopologyState topology,
        ProducerMetrics metrics,
        ILogger<RequestReader> log)
    {
        try
        {
            var form = BodyForms.Of(context.Request);
            if (context.Request.ContentLength > IngestLimits.MaxBodyBytes)
            {
                throw RequestRefusedException.TooManyBytes();
            }

            if (!topology.IsReady)
            {
                throw RequestRefusedException.Overloaded(topology.Problem);
            }

            using var memory = budget.Open(context.Features.Get<ArrivingBody>());
            var batch = await reader.ReadAsync(context.Request.BodyReader, form, memory, context.RequestAborted);
            // Not before the body is here: a client that sends slowly would keep out those that do not.
            using var turn = await requests.WaitAsync(context.RequestAborted);
            return await SendAsync(context, batch, ids, delivery, metrics, log);
        }
        catch (RequestRefusedException refused)
        {
            metrics.Rejected(refused.Reason);
            return Problem(context, refused.Status, refused.Title, refused.Message);
        }
        catch (BadHttpRequestException bad)
        {
            metrics.Rejected(bad.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => RejectionReason.TooLarge,
                StatusCodes.Status408RequestTimeout => RejectionReason.TooSlow,
                StatusCodes.Status503ServiceUnavailable => RejectionReason.Overloaded,
                _ => RejectionReason.Malformed,
            });
            return Problem(context, bad.StatusCode, "The request cannot be read.", bad.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            LogGone(log);
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
    }

    private static async Task<IResult> SendAsync(
        HttpContext context, EventBatch batch, EventIds ids, EventDelivery delivery, ProducerMetrics metrics, ILogger log)
    {
        var valid = batch.RejectedCount == 0 ? batch.Entries : [.. batch.Entries.Where(entry => entry.Problem is null)];
        metrics.Rejected(RejectionReason.Invalid, batch.RejectedCount);
        if (batch.IsSingle && valid.Count == 0)
        {
            return InvalidEvent(batch);
        }

        var outcomes = await DeliverAsync(valid, ids, delivery, context.RequestAborted);
        var (acknowledged, duplicates, taken) = Count(outcomes);
        metrics.Duplicates(duplicates);
        metrics.Rejected(RejectionReason.IdConflict, taken);
        metrics.Rejected(RejectionReason.NotAcknowledged, outcomes.Length - acknowledged - taken);
        if (acknowledged < outcomes.Length && outcomes.FirstOrDefault(outcome => outcome.Cause is not null) is { Cause: { } cause })
        {
            // Of several, the first: where one stands in the way, it stands in the way of all.
            LogNotAcknowledged(log, outcomes.Length - acknowledged - taken, outcomes.Length, cause, RequestId.Of(context));
        }

        if (batch.IsSingle)
        {
            return outcomes[0].Failure switch
            {
                null => TypedResults.Accepted((string?)null, new OneAccepted(
                    valid[0].Id, valid[0].Source, outcomes[0].Key, outcomes[0].Partition, outcomes[0].Offset, outcomes[0].IsDuplicate ? true : null)),
                DeliveryFailure.IdTaken => IdTaken(valid[0].Id, outcomes[0].Error!),
                { } failed => NotAcknowledged(context, failed, outcomes[0].Error!, "id", valid[0].Id),
            };
        }

        return acknowledged == 0 && FailureOfAll(outcomes) is { } failure
            ? NotAcknowledged(context, failure, "The brokers acknowledged none of the events.", "results", ResultsOf(batch, outcomes))
            : new ManyAnsweredResult(batch.Entries, outcomes, acknowledged);
    }

    /// <summary>Sends the events but those of which it is known that they were accepted, or that another event has their id.</summary>
    /// <returns>The outcome of each, in their order.</returns>
    private static async Task<DeliveryOutcome[]> DeliverAsync(
        IReadOnlyList<RequestEvent> events, EventIds ids, EventDelivery delivery, CancellationToken cancellationToken)
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

    /// <summary>What stands in the way of a request of which nothing was acknowledged; null where that is the events themselves,
    /// and each outcome says so.</summary>
    private static DeliveryFailure? FailureOfAll(DeliveryOutcome[] outcomes) =>
        outcomes.Any(outcome => outcome.MayRetry) ? DeliveryFailure.NotNow
        : outcomes.Any(outcome => outcome.Failure == DeliveryFailure.Setup) ? DeliveryFailure.Setup
        : null;

    private static EventResult[] ResultsOf(EventBatch batch, DeliveryOutcome[] outcomes)
    {
        var results = new EventResult[batch.Entries.Count];
        var next = 0;
        for (var i = 0; i < results.Length; i++)
        {
            var entry = batch.Entries[i];
            if (entry.Problem is not null)
            {
                results[i] = new EventResult(i, EventResult.RejectedStatus, Error: entry.Problem);
                continue;
            }

            var outcome = outcomes[next++];
            results[i] = outcome.IsAcknowledged
                ? new EventResult(i, EventResult.AcceptedStatus, entry.Id, outcome.Partition, outcome.Offset, Duplicate: outcome.IsDuplicate ? true : null)
                : new EventResult(i, EventResult.RejectedStatus, entry.Id, Error: outcome.Error, Retry: outcome.MayRetry);
        }

        return results;
    }

    private static ProblemHttpResult InvalidEvent(EventBatch batch)
    {
        var errors = batch.LastProblems
            .GroupBy(problem => problem.Field, StringComparer.Ordinal)
            .ToDictionary(field => field.Key, field => field.Select(problem => problem.Rule).ToArray(), StringComparer.Ordinal);
        return TypedResults.Problem(
            $"{batch.Entries[0].Problem}.",
            statusCode: StatusCodes.Status400BadRequest,
            title: "The event breaks a rule.",
            extensions: [KeyValuePair.Create<string, object?>("errors", errors)]);
    }

    private static ProblemHttpResult IdTaken(Guid id, string detail) => TypedResults.Problem(
        $"{detail}, which stands. Send this one with an id of its own, or with none.",
        statusCode: StatusCodes.Status409Conflict,
        title: "Another event has the id.",
        extensions:
        [
            KeyValuePair.Create<string, object?>("id", id),
            KeyValuePair.Create<string, object?>("errors", new Dictionary<string, string[]> { ["id"] = [detail["id ".Length..]] }),
        ]);

    private static ProblemHttpResult NotAcknowledged(HttpContext context, DeliveryFailure failure, string detail, string name, object what)
    {
        var (status, advice) = failure switch
        {
            DeliveryFailure.TooLarge => (StatusCodes.Status413PayloadTooLarge, "Make it smaller."),
            DeliveryFailure.Setup => (StatusCodes.Status500InternalServerError, "Sending it again helps only when an operator has changed that."),
            _ => (StatusCodes.Status503ServiceUnavailable, "Send it again with the same id."),
        };
        return Problem(context, status, "Not acknowledged.", $"{detail} {advice}", KeyValuePair.Create<string, object?>(name, what));
    }

    private static ProblemHttpResult Problem(
        HttpContext context, int status, string title, string detail, params KeyValuePair<string, object?>[] extensions)
    {
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.SetRetryAfter(RetryAfter.Soon);
        }

        return TypedResults.Problem(detail, statusCode: status, title: title, extensions: extensions);
    }

    [LoggerMessage(11, LogLevel.Warning, "{Failed} of {Events} events of a request are not acknowledged: {Cause} (trace {RequestTraceId})")]
    private static partial void LogNotAcknowledged(ILogger log, int failed, int events, string cause, string requestTraceId);

    [LoggerMessage(10, LogLevel.Debug, "The client went away before it was answered.")]
    private static partial void LogGone(ILogger log);
}
