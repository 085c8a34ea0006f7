using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>
/// Takes what clients of Elasticsearch send to <c>_bulk</c>: a line that says what to do, and below it the document.
/// <list type="bullet">
/// <item>Each action has its own outcome. What may be sent again is 429, and clients send those alone; what breaks a rule is 400, beside others that are taken.
/// So it is where all of them may: for a 429 of single actions clients wait, and a 503 of the whole some of them try again at once, and give up.</item>
/// <item>Where the lines that say what to do cannot be read, it is not known which lines are documents: the request is refused as a whole.</item>
/// <item>Documents are only added. <c>index</c> with an id that was used is no new version of the document: the same one is stored once, another one is
/// set aside.</item>
/// </list>
/// </summary>
internal sealed class ElasticsearchApi(ElasticsearchOptions options, StoreOptions store, TimeProvider time) : IIngestProtocol
{
    /// <summary>What stands before every path: its own are too short to be shared.</summary>
    public const string Prefix = "/elasticsearch";

    private const string Accepted = $"{BodyForms.NewlineDelimitedJson} or {BodyForms.Json}";

    private readonly TimestampRange _range = store.TakenTimestamps;
    private readonly IReadOnlyList<string> _sourceFields = options.Fields;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var protocol = new ElasticsearchApi(
            services.GetRequiredService<ElasticsearchOptions>(), services.GetRequiredService<StoreOptions>(), services.GetRequiredService<TimeProvider>());
        foreach (var route in new[] { $"{Prefix}/_bulk", $"{Prefix}/{{index}}/_bulk" })
        {
            routes.MapIngest(route, protocol, HttpMethods.Post, HttpMethods.Put).ExcludeFromDescription();
        }

        ElasticsearchHandshake.Map(routes);
    }

    public void Check(HttpRequest request)
    {
        ContentCoding.Check(request);
        var type = SentMediaType.Of(request);
        if (type is not ("" or BodyForms.NewlineDelimitedJson or "application/vnd.elasticsearch+x-ndjson") && !BodyMediaType.IsJson(type))
        {
            throw SentMediaType.Refused(type, Accepted);
        }
    }

    public async ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory)
    {
        using var body = await WholeBody.ReadAsync(context.Request, memory, context.RequestAborted);
        var batch = new EventBatch();
        var index = context.Request.RouteValues["index"] as string;
        var records = new RecordBytes(memory, body.Bytes.Length);
        using var events = new DocumentEvents(new(batch, _range, time.GetUtcNow()), new(body.Bytes.Span, index), records, _sourceFields);
        List<BulkItem> items = [];
        Read(body.Bytes.Span, index, events, items);
        context.Features.Set(new BulkItems(items));
        return items.Count > 0 ? batch : throw RequestRefusedException.Malformed("request body is required");
    }

    public IResult Answer(HttpContext context, Intake intake) => new BulkAnswer(context.Features.Get<BulkItems>()!.Items, intake);

    public IResult Refuse(HttpContext context, RequestRefusedException refused)
    {
        if (refused.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.SetRetryAfter(RetryAfter.Soon);
        }

        return ElasticsearchAnswers.Error(refused.Status, TypeOf(refused.Status), refused.Message);
    }

    private static void Read(ReadOnlySpan<byte> body, string? index, DocumentEvents events, List<BulkItem> items)
    {
        var lines = new JsonLines(body);
        while (lines.MoveNext())
        {
            if (!BulkActionLine.TryRead(lines.Current, index, out var item))
            {
                throw RequestRefusedException.Malformed(FormattableString.Invariant(
                    $"Malformed action/metadata line [{lines.Number}], expected an object with create, index, update or delete. Nothing of the body was taken."));
            }

            // Every action but that to delete has a document below it.
            if (item.Action != "delete" && !lines.MoveNext())
            {
                throw RequestRefusedException.Malformed(FormattableString.Invariant($"The action/metadata line [{lines.Number}] has no document below it. Nothing of the body was taken."));
            }

            items.Add(item);
            if (item.IsAdding)
            {
                events.Add(lines.Current, item);
            }
            else
            {
                events.AddRefused(item);
            }
        }
    }

    private static string TypeOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => "content_too_long_exception",
        StatusCodes.Status415UnsupportedMediaType => "media_type_header_exception",
        StatusCodes.Status503ServiceUnavailable => "es_rejected_execution_exception",
        _ => "illegal_argument_exception",
    };
}
