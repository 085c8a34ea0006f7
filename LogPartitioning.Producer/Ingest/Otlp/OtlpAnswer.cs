using System.Globalization;
using System.Text;
using Google.Protobuf;
using LogPartitioning.Producer.Delivery;
using LogPartitioning.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenTelemetry.Proto.Collector.Logs.V1;
using Code = Google.Rpc.Code;
using Status = Google.Rpc.Status;

namespace LogPartitioning.Producer.Ingest.Otlp;

/// <summary>The answers of OTLP over HTTP: an <c>ExportLogsServiceResponse</c>, or a <c>google.rpc.Status</c>, in the form of the request.</summary>
internal static class OtlpAnswer
{
    private const int MaxShown = 4;

    private static readonly JsonFormatter s_json = new(JsonFormatter.Settings.Default);

    /// <summary>200: every record that can be taken is. Of the others it is said what is wrong with them, and they need not come again.</summary>
    public static IResult Taken(HttpContext context, Intake intake)
    {
        var response = new ExportLogsServiceResponse();
        var refused = intake.Refused().ToList();
        if (refused.Count > 0)
        {
            response.PartialSuccess = new() { RejectedLogRecords = refused.Count, ErrorMessage = Describe(refused) };
        }

        return Message(context, StatusCodes.Status200OK, response);
    }

    /// <summary>
    /// Some were not acknowledged, and OTLP has no way to say which: the whole request is to come again, and what was acknowledged is known by its ids.
    /// </summary>
    public static IResult NotAcknowledged(HttpContext context, DeliveryFailure failure, Intake intake)
    {
        var detail = string.Create(CultureInfo.InvariantCulture, $"The brokers acknowledged {intake.Acknowledged} of {intake.Outcomes.Length} records.");
        return failure == DeliveryFailure.Setup
            ? Status(context, StatusCodes.Status500InternalServerError, $"{detail} Sending them again helps only when an operator has changed the brokers' set-up.")
            : Status(context, StatusCodes.Status503ServiceUnavailable, $"{detail} Send them again: each is stored once.");
    }

    /// <summary>The request was refused before anything of it was sent.</summary>
    public static IResult Refused(HttpContext context, RequestRefusedException refused) => Status(context, refused.Status, refused.Message);

    private static FileContentHttpResult Status(HttpContext context, int status, string detail)
    {
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.SetRetryAfter(RetryAfter.Soon);
        }

        return Message(context, status, new Status { Code = (int)CodeOf(status), Message = detail });
    }

    private static FileContentHttpResult Message(HttpContext context, int status, IMessage message)
    {
        var json = IsJson(context.Request);
        context.Response.StatusCode = status;
        return TypedResults.Bytes(
            json ? Encoding.UTF8.GetBytes(s_json.Format(message)) : message.ToByteArray(),
            json ? OtlpMedia.Json : OtlpMedia.Protobuf);
    }

    /// <summary>Also of a request whose media type is what it was refused for.</summary>
    private static bool IsJson(HttpRequest request) => request.ContentType?.StartsWith(OtlpMedia.Json, StringComparison.OrdinalIgnoreCase) == true;

    private static Code CodeOf(int status) => status switch
    {
        StatusCodes.Status413PayloadTooLarge => Code.ResourceExhausted,
        StatusCodes.Status500InternalServerError => Code.Internal,
        StatusCodes.Status503ServiceUnavailable => Code.Unavailable,
        _ => Code.InvalidArgument,
    };

    private static string Describe(List<(int Index, string Problem)> refused)
    {
        var shown = string.Join("; ", refused.Take(MaxShown).Select(one => string.Create(CultureInfo.InvariantCulture, $"record {one.Index}: {one.Problem}")));
        return refused.Count > MaxShown ? string.Create(CultureInfo.InvariantCulture, $"{shown}; and {refused.Count - MaxShown} more") : shown;
    }
}
