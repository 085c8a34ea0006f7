using LogPartitioning.Core.Events;
using LogPartitioning.Core.Storage;
using LogPartitioning.Otlp;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>OTLP logs over HTTP: <c>POST /v1/logs</c>, in protobuf and in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp).</summary>
internal sealed class OtlpProtocol(StoreOptions store, IOptions<OtlpOptions> options, TimeProvider time) : IIngestProtocol
{
    private readonly TimestampRange _range = store.TakenTimestamps;

    public void Check(HttpRequest request)
    {
        OtlpMedia.IsJson(request);
        ContentCoding.Check(request);
    }

    public async ValueTask<EventBatch> ReadAsync(HttpContext context, BufferBudget.Reservation memory)
    {
        using var body = await WholeBody.ReadAsync(context.Request, memory, context.RequestAborted);
        var events = new ComposedEvents(new EventBatch(), _range, time.GetUtcNow());
        try
        {
            if (OtlpMedia.IsJson(context.Request))
            {
                var wire = new WireWriter();
                OtlpJsonReader.Convert(body.Bytes.Span, wire);
                var bytes = body.Bytes.Length + wire.Written.Length;
                memory.Hold(bytes, whole: true);
                Read(wire.Written, new(memory, bytes));
            }
            else
            {
                Read(body.Bytes.Span, new(memory, body.Bytes.Length));
            }
        }
        catch (MalformedProtobufException e)
        {
            throw RequestRefusedException.Malformed($"The body is no ExportLogsServiceRequest: {e.Message}");
        }

        return events.Batch;

        void Read(ReadOnlySpan<byte> request, RecordBytes records)
        {
            using var mapper = new OtlpRecordMapper(events, records, new ContentIds(body.Bytes.Span), options.Value.InstanceInSource);
            OtlpRequestReader.Read(request, mapper);
        }
    }

    public IResult Answer(HttpContext context, Intake intake) => intake.FailureOfAny is { } failure
        ? OtlpAnswer.NotAcknowledged(context, failure, intake)
        : OtlpAnswer.Taken(context, intake);

    public IResult Refuse(HttpContext context, RequestRefusedException refused) => OtlpAnswer.Refused(context, refused);
}
