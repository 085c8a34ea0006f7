using Google.Protobuf;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.Otlp;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Otlp;

/// <summary><c>GET /api/logs/otlp</c>: stored events as OTLP, those that came by OTLP as the records that they were.</summary>
internal static class OtlpExportApi
{
    private const string Json = "application/json";
    private const string Protobuf = "application/x-protobuf";

    /// <summary>The cursor of the next page: the body is OTLP's, and has no room for it.</summary>
    private const string NextHeader = "X-Next-Cursor";

    public static void MapOtlpExport(this IEndpointRouteBuilder routes) => routes.MapGet("/api/logs/otlp", GetAsync)
        .WithTags("Logs")
        .RequireAuthorization(Roles.Read)
        .WithName("GetOtlpLogs")
        .WithSummary("Reads stored events as OTLP")
        .WithDescription($"The parameters are those of `GET /api/logs`. The body is an OTLP `LogsData`, which is what `POST /v1/logs` takes: JSON, or protobuf where `Accept` asks for `{Protobuf}`. `{NextHeader}` is the cursor of the next page; it is not there when nothing is left.")
        .Produces(StatusCodes.Status200OK, contentType: Json, additionalContentTypes: [Protobuf])
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .WithLogQueryParameters()
        .WithLargeAnswers();

    private static async Task<IResult> GetAsync(HttpContext context, LogQuery logs, PageBudget pages, CancellationToken cancellationToken)
    {
        if (!LogQueryParameters.TryRead(context.Request.Query, out var filter, out var problems))
        {
            return Refusals.ByField(problems);
        }

        try
        {
            var place = await pages.ReserveAsync(context, LogQuery.MaxPageBytes, cancellationToken);
            var page = await logs.RunAsync(filter, cancellationToken);
            place.Hold(page.Bytes);
            if (page.Next is { } next)
            {
                context.Response.Headers[NextHeader] = next.ToString();
            }

            var data = OtlpRecord.Together(page.Items.Select(stored => OtlpRecord.From(stored.Event)));
            return WantsProtobuf(context.Request)
                ? TypedResults.Bytes(data.ToByteArray(), Protobuf)
                : TypedResults.Bytes(OtlpJson.Write(data), Json);
        }
        catch (Exception e) when (FailedRead.Is(e))
        {
            return FailedRead.Answer(context, e);
        }
    }

    private static bool WantsProtobuf(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(Protobuf, StringComparison.OrdinalIgnoreCase));
}
