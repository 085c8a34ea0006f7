using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Ingress;

/// <summary><c>/api/logs</c>: logs in, through the producer; logs out, from the store.</summary>
internal static class PublicLogsApi
{
    public static void MapLogsApi(this IEndpointRouteBuilder routes)
    {
        var logs = routes.MapGroup("/api/logs").WithTags("Logs");
        logs.MapPost("", PostAsync)
            .RequireAuthorization(Roles.Write)
            .WithName("PostLogs")
            .WithSummary("Accepts log events: one, a JSON array, or NDJSON")
            .WithDescription("Answered after the brokers have acknowledged every accepted event. At most 10,000 events or 16 MiB. A client that sends again should give its events ids: each id is stored once.")
            .Produces(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status500InternalServerError)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithRequestExample("application/json", Examples.Event)
            .WithRequestExample("application/x-ndjson", Examples.Lines)
            .WithResponseExample(StatusCodes.Status202Accepted, Examples.Accepted);
        logs.MapGet("", GetAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetLogs")
            .WithSummary("Reads stored events, oldest or newest first")
            .WithDescription("By timestamp; where that is the same, by partition, log and offset, which each item has. A page of large events is shorter than `limit`. `next` continues where the page ends; it is null when nothing is left.")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithLogQueryParameters()
            .WithLargeAnswers()
            .WithResponseExample(StatusCodes.Status200OK, Examples.Page);
    }

    private static async Task<IResult> PostAsync(HttpContext context, ProducerClient producer, GatewayOptions options)
    {
        // Said before anything is streamed: the producer would learn of it in the middle of the body.
        if (context.Request.ContentLength > options.MaxBodyBytes)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status413PayloadTooLarge,
                detail: $"The body must not be larger than {options.MaxBodyBytes} bytes, and has {context.Request.ContentLength}.");
        }

        return await producer.ForwardAsync(context, "/api/logs" + context.Request.QueryString);
    }

    private static async Task<Results<Ok<LogPageResponse>, ProblemHttpResult>> GetAsync(
        HttpContext context, LogQuery logs, PageBudget pages, CancellationToken cancellationToken)
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
            return TypedResults.Ok(new LogPageResponse([.. page.Items.Select(StoredEventResponse.From)], page.Next?.ToString()));
        }
        catch (Exception e) when (FailedRead.Is(e))
        {
            return FailedRead.Answer(context, e);
        }
    }

    /// <summary>A page of stored events.</summary>
    /// <param name="Items">The events, in the order that was asked for.</param>
    /// <param name="Next">The cursor of the next page; null when nothing is left.</param>
    internal sealed record LogPageResponse(IReadOnlyList<StoredEventResponse> Items, string? Next);

    /// <summary>A stored event and its place.</summary>
    internal sealed record StoredEventResponse(
        Guid Id,
        string Source,
        string Level,
        string Message,
        string Timestamp,
        JsonElement? Attributes,
        string Key,
        int Partition,
        short Log,
        long Offset,
        DateTimeOffset StoredAt)
    {
        public static StoredEventResponse From(StoredLogEvent stored) => new(
            stored.Event.Id,
            stored.Event.Source,
            SeverityNames.Of(stored.Event.Level),
            stored.Event.Message,
            Rfc3339.Format(stored.Event.Timestamp),
            stored.Event.Attributes is { } attributes ? JsonElement.Parse(attributes) : null,
            stored.Key,
            stored.Partition,
            stored.Log,
            stored.Offset,
            stored.StoredAt);
    }

    private static class Examples
    {
        public const string Event = """{"source":"checkout-7","level":"Information","message":"order 42 paid","attributes":{"orderId":"42"}}""";

        public const string Lines = """
            {"source":"checkout-7","level":"info","message":"order 42 paid"}
            {"source":"checkout-7","level":"warn","message":"order 43 has no address"}
            """;

        public const string Accepted = """{"id":"0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10","source":"checkout-7","key":"checkout-7","partition":10,"offset":1031}""";

        public const string Page = """
            {"items":[{"id":"0199b0c4-7f6e-7c3a-9d5c-3d6f1b8a2e10","source":"checkout-7","level":"Information","message":"order 42 paid",
            "timestamp":"2026-11-22T07:00:00.123Z","attributes":{"orderId":"42"},"key":"checkout-7","partition":10,"log":1,"offset":1031,
            "storedAt":"2026-11-22T07:00:00.187+00:00"}],"next":null}
            """;
    }
}
