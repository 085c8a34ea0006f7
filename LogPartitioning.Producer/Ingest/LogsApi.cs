using LogPartitioning.Producer.Delivery;
using LogPartitioning.ServiceDefaults;
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
internal sealed class LogsApi(RequestReader reader) : IIngestProtocol
{
    private const string Route = "/api/logs";

    public static void Map(IEndpointRouteBuilder routes)
    {
        // Its counters are there from the start, at zero, and not from the first request on.
        _ = routes.ServiceProvider.GetRequiredService<ProducerMetrics>();
        MapPost(routes);
    }

    public void Check(HttpRequest request) => BodyForms.Of(request);

    public ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory) =>
        reader.ReadAsync(context.Request.BodyReader, BodyForms.Of(context.Request), memory, context.RequestAborted);

    public IResult Answer(HttpContext context, Intake intake)
    {
        var (batch, sent, outcomes, acknowledged) = intake;
        if (batch.IsSingle)
        {
            return sent.Count == 0 ? InvalidEvent(batch) : outcomes[0].Failure switch
            {
                null => TypedResults.Accepted((string?)null, new OneAccepted(
                    sent[0].Id, sent[0].Source, outcomes[0].Key, outcomes[0].Partition, outcomes[0].Offset, outcomes[0].IsDuplicate ? true : null)),
                DeliveryFailure.IdTaken => IdTaken(sent[0].Id, outcomes[0].Error!),
                { } failed => NotAcknowledged(context, failed, outcomes[0].Error!, "id", sent[0].Id),
            };
        }

        return intake.Failure is { } failure
            ? NotAcknowledged(context, failure, "The brokers acknowledged none of the events.", "results", ResultsOf(batch, outcomes))
            : new ManyAnsweredResult(batch.Entries, outcomes, acknowledged);
    }

    public IResult Refuse(HttpContext context, RequestRefusedException refused) => Problem(context, refused.Status, refused.Title, refused.Message);

    private static void MapPost(IEndpointRouteBuilder routes) => routes.MapIngest(Route, new LogsApi(routes.ServiceProvider.GetRequiredService<RequestReader>()))
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
        .ProducesProblem(StatusCodes.Status409Conflict)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
        .ProducesProblem(StatusCodes.Status500InternalServerError)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

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
}
