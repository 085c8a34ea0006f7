using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace LogPartitioning.Producer.Ingest.Loki;

/// <summary>
/// Takes what Promtail, Grafana Alloy and other agents push to Loki.
/// <list type="bullet">
/// <item>204 is the answer when the brokers have every entry.</item>
/// <item>400 with a text when an entry breaks a rule, as Loki answers it: what is beside it is taken all the same, and agents send none of it again.</item>
/// <item>503 with <c>Retry-After</c> when any entry has to come again. The whole push comes again then, alone or among others, and each entry is stored once
/// (<see cref="EntryIds"/>).</item>
/// </list>
/// </summary>
internal sealed class LokiApi(LokiOptions options, StoreOptions store, TimeProvider time) : IIngestProtocol
{
    private const string Protobuf = "application/x-protobuf";
    private const string Accepted = $"{Protobuf} with snappy, or {BodyForms.Json}";
    private const string Snappy = "snappy";
    private const int MaxShown = 4;

    private readonly TimestampRange _range = store.TakenTimestamps;
    private readonly IReadOnlyList<string> _sourceLabels = options.Labels;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var protocol = new LokiApi(services.GetRequiredService<LokiOptions>(), services.GetRequiredService<StoreOptions>(), services.GetRequiredService<TimeProvider>());
        routes.MapIngest("/loki/api/v1/push", protocol).ExcludeFromDescription();
    }

    public void Check(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.ToString().Equals(Snappy, StringComparison.OrdinalIgnoreCase))
        {
            // Some clients say so of what the media type says already.
            request.Headers.Remove(HeaderNames.ContentEncoding);
        }

        ContentCoding.Check(request);
        _ = IsJson(request);
    }

    public async ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory)
    {
        using var body = await WholeBody.ReadAsync(context.Request, memory, context.RequestAborted);
        var batch = new EventBatch();
        if (IsJson(context.Request))
        {
            using var events = Events(context, batch, new(memory, body.Bytes.Length));
            PushJson.Read(body.Bytes.Span, events);
            events.End();
        }
        else
        {
            using var unpacked = SnappyBody.Unpack(body.Bytes.Span, memory);
            using var events = Events(context, batch, new(memory, body.Bytes.Length + unpacked.Memory.Length));
            PushProtobuf.Read(unpacked.Memory.Span, events);
            events.End();
        }

        return batch;
    }

    public IResult Answer(HttpContext context, Intake intake) => intake.FailureOfAny switch
    {
        DeliveryFailure.NotNow => Text(context, StatusCodes.Status503ServiceUnavailable, "The brokers did not acknowledge every entry. Send the push again: each entry is stored once."),
        DeliveryFailure.Setup => Text(context, StatusCodes.Status500InternalServerError, "The brokers refuse the entries until an operator has changed their settings."),
        _ => intake.Acknowledged == intake.Batch.Entries.Count ? TypedResults.NoContent() : Text(context, StatusCodes.Status400BadRequest, Describe(intake)),
    };

    public IResult Refuse(HttpContext context, RequestRefusedException refused) => Text(context, refused.Status, refused.Message);

    private LokiEvents Events(HttpContext context, EventBatch batch, RecordBytes records) =>
        new(new(batch, _range, time.GetUtcNow()), records, _sourceLabels, context.Request.Headers[LokiEvents.TenantHeader].ToString());

    private static string Describe(Intake intake)
    {
        var refused = intake.Refused().OrderBy(entry => entry.Index).ToList();
        var shown = string.Join("; ", refused.Take(MaxShown).Select(entry => FormattableString.Invariant($"entry {entry.Index}: {entry.Problem}")));
        return FormattableString.Invariant($"{refused.Count} of {intake.Batch.Entries.Count} entries are not taken, the others are: {shown}{(refused.Count > MaxShown ? "; …" : ".")}");
    }

    private static ContentHttpResult Text(HttpContext context, int status, string text)
    {
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.SetRetryAfter(RetryAfter.Soon);
        }

        return TypedResults.Text(text + "\n", "text/plain; charset=utf-8", statusCode: status);
    }

    private static bool IsJson(HttpRequest request) => SentMediaType.Of(request) switch
    {
        "" or Protobuf or "application/protobuf" or "application/vnd.google.protobuf" or "application/octet-stream" => false,
        var type when BodyMediaType.IsJson(type) => true,
        var type => throw SentMediaType.Refused(type, Accepted),
    };
}
