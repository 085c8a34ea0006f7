using System.Text.Json;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest.Elasticsearch;

/// <summary>The answer to a bulk request: 200, and what became of each action.</summary>
/// <param name="items">The actions.</param>
/// <param name="intake">What became of their events.</param>
internal sealed class BulkAnswer(IReadOnlyList<BulkItem> items, Intake intake) : IResult
{
    /// <summary>So much is collected before it goes out.</summary>
    private const int FlushBytes = 64 * 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        ElasticsearchAnswers.Begin(httpContext, StatusCodes.Status200OK);
        var body = httpContext.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteNumber("took"u8, 0);
        json.WriteBoolean("errors"u8, intake.Acknowledged < items.Count);
        json.WriteStartArray("items"u8);
        var next = 0;
        for (var i = 0; i < items.Count; i++)
        {
            var entry = intake.Batch.Entries[i];
            Write(json, items[i], entry, entry.Problem is null ? intake.Outcomes[next++] : null);
            if (json.BytesPending > FlushBytes)
            {
                json.Flush();
                await body.FlushAsync(httpContext.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await body.FlushAsync(httpContext.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, in BulkItem item, in RequestEvent entry, DeliveryOutcome? outcome)
    {
        json.WriteStartObject();
        json.WriteStartObject(item.Action);
        json.WriteString("_index"u8, item.Index);
        if (outcome is { IsAcknowledged: true })
        {
            json.WriteString("_id"u8, item.Id ?? entry.Id.ToString());
            json.WriteNumber("_version"u8, 1);
            json.WriteString("result"u8, "created"u8);
            json.WriteNumber("_seq_no"u8, outcome.Offset);
            json.WriteNumber("_primary_term"u8, 1);
            json.WriteNumber("status"u8, StatusCodes.Status201Created);
        }
        else
        {
            json.WriteString("_id"u8, item.Id);
            var (status, type) = Failure(item, outcome);
            json.WriteNumber("status"u8, status);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, type);
            json.WriteString("reason"u8, outcome is null ? entry.Problem : outcome.Error);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>429 is what clients send again, those events alone; anything from 400 on but that they give up.</summary>
    private static (int Status, string Type) Failure(in BulkItem item, DeliveryOutcome? outcome) => outcome?.Failure switch
    {
        null => (StatusCodes.Status400BadRequest, item.IsAdding ? "document_parsing_exception" : "action_request_validation_exception"),
        DeliveryFailure.NotNow => (StatusCodes.Status429TooManyRequests, "es_rejected_execution_exception"),
        DeliveryFailure.Setup => (StatusCodes.Status500InternalServerError, "exception"),
        DeliveryFailure.IdTaken => (StatusCodes.Status409Conflict, "version_conflict_engine_exception"),
        _ => (StatusCodes.Status400BadRequest, "document_parsing_exception"),
    };
}
