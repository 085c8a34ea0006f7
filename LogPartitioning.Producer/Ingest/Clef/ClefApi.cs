using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Producer.Ingest.Clef;

/// <summary>
/// Takes what Serilog and other clients of Seq send: CLEF, an event a line, and the form before it.
/// <list type="bullet">
/// <item>201 is the answer when the brokers have every event that can be taken. Clients cannot be told of single events, and most of them drop a whole batch for
/// a 400; so a broken line is rejected by itself, counted, and what is beside it is taken.</item>
/// <item>503 with <c>Retry-After</c> when any event has to come again. The whole request comes again then, or is filled up with later events, and each event is
/// stored once (<see cref="ClefIds"/>).</item>
/// </list>
/// </summary>
internal sealed class ClefApi(ClefOptions options, StoreOptions store, TimeProvider time) : IIngestProtocol
{
    private const string Clef = "application/vnd.serilog.clef";
    private const string Accepted = $"{Clef}, {BodyForms.NewlineDelimitedJson} or {BodyForms.Json}";
    private const string RawRoute = "/api/events/raw";

    private readonly TimestampRange _range = store.TakenTimestamps;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var protocol = new ClefApi(services.GetRequiredService<ClefOptions>(), services.GetRequiredService<StoreOptions>(), services.GetRequiredService<TimeProvider>());
        routes.MapIngest("/ingest/clef", protocol).ExcludeFromDescription();
        // Some clients ask so for CLEF, and show their key there as well, which is not looked at.
        routes.MapIngest(RawRoute, protocol).ExcludeFromDescription().WithQuery("clef", "apiKey");
    }

    public void Check(HttpRequest request)
    {
        ContentCoding.Check(request);
        _ = IsRaw(request);
    }

    public async ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory)
    {
        using var body = await WholeBody.ReadAsync(context.Request, memory, context.RequestAborted);
        var batch = new EventBatch();
        var records = new RecordBytes(memory, body.Bytes.Length);
        using var events = new ClefEvents(new(batch, _range, time.GetUtcNow()), new(new(body.Bytes.Span)), records, options);
        if (IsRaw(context.Request))
        {
            RawEvents.Read(body.Bytes.Span, events);
            return batch;
        }

        var lines = new JsonLines(body.Bytes.Span);
        while (lines.MoveNext())
        {
            events.Add(lines.Current);
        }

        // Nothing is no mistake here: clients ask so which level to send.
        return batch;
    }

    public IResult Answer(HttpContext context, Intake intake) => intake.FailureOfAny switch
    {
        null => TypedResults.Json(new ClefTaken(options.MinimumLevelAccepted.Length == 0 ? null : options.MinimumLevelAccepted), statusCode: StatusCodes.Status201Created),
        DeliveryFailure.Setup => Refused(context, StatusCodes.Status500InternalServerError, "The brokers refuse the events until an operator has changed their settings."),
        _ => Refused(context, StatusCodes.Status503ServiceUnavailable, "The brokers did not acknowledge every event. Send the request again: each event is stored once."),
    };

    public IResult Refuse(HttpContext context, RequestRefusedException refused) => Refused(context, refused.Status, refused.Message);

    private static JsonHttpResult<ClefRefused> Refused(HttpContext context, int status, string error)
    {
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.SetRetryAfter(RetryAfter.Soon);
        }

        return TypedResults.Json(new ClefRefused(error), statusCode: status);
    }

    /// <summary>Whether the body is of the older form: at its own route, JSON that is not called CLEF.</summary>
    private static bool IsRaw(HttpRequest request)
    {
        var type = SentMediaType.Of(request);
        return type switch
        {
            // By hand, and by clients of old, it is sent as what their library takes for usual.
            "" or Clef or BodyForms.NewlineDelimitedJson or "application/x-json-stream" or "text/plain" or "application/x-www-form-urlencoded" => false,
            _ when BodyMediaType.IsJson(type) => request.Path.Value == RawRoute && !request.Query.ContainsKey("clef"),
            _ => throw SentMediaType.Refused(type, Accepted),
        };
    }
}
