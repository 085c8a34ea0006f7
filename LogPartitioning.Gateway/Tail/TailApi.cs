using System.Text.Json;
using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Tail;

/// <summary><c>/api/logs/tail</c>: events as they come, as server-sent events.</summary>
internal static class TailApi
{
    /// <summary>Nobody reads more than so many a second.</summary>
    public const int MostShown = 60;

    private const int LongestText = 2048;

    public static void MapTailApi(this IEndpointRouteBuilder routes) => routes.MapGet("/api/logs/tail", StreamAsync)
        .WithTags("Logs")
        .RequireAuthorization(Roles.Read)
        .DisableHttpMetrics()
        .WithName("TailLogs")
        .WithSummary("Events as they come, as server-sent events")
        .WithDescription(
            "Once a second an event `events`: `items`, the newest first, at most 60; `arrived`, how many records came in `seconds`; `looked`, how many of these were read, at most the "
            + "newest 50 of each partition; `matched`, how many of these are asked for. So where more come than anybody can read, some are left out, and it is told how many. "
            + "The events are acknowledged and need not be stored yet. Texts are cut at 2,048 characters. `problem` in their place says why nothing is known of that second.")
        .WithDocumentedQuery([.. LogQueryParameters.Documented.Where(parameter => parameter.Name is "source" or "level" or "minLevel" or "contains")])
        .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> StreamAsync(HttpContext context, LogTail tail, IHostApplicationLifetime lifetime)
    {
        var problems = new Dictionary<string, string[]>();
        var query = context.Request.Query;
        var filter = new TailFilter(
            QueryValues.Source(query, problems), QueryValues.Level(query, "level", problems), QueryValues.Level(query, "minLevel", problems), QueryValues.Text(query, "contains", 1024, problems));
        if (problems.Count > 0)
        {
            return Refusals.ByField(problems);
        }

        LogTail.Viewer viewer;
        try
        {
            viewer = tail.Look();
        }
        catch (BusyException busy)
        {
            return UnavailableFilter.Busy(context, busy);
        }

        using (viewer)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping))
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            try
            {
                // Said at once, so that the client knows that it is connected.
                await context.Response.WriteAsync("event: beat\ndata:\n\n", ended.Token);
                await context.Response.Body.FlushAsync(ended.Token);
                await foreach (var batch in viewer.ReadAllAsync(ended.Token))
                {
                    await context.Response.WriteAsync($"event: {(batch.Problem is null ? "events" : "problem")}\ndata: {Json(batch, filter)}\n\n", ended.Token);
                    await context.Response.Body.FlushAsync(ended.Token);
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // Nobody looks any more, or the gateway stops.
            }
        }

        return Results.Empty;
    }

    private static string Json(TailBatch batch, TailFilter filter)
    {
        if (batch.Problem is { } problem)
        {
            return JsonSerializer.Serialize(new { problem }, JsonSerializerOptions.Web);
        }

        var matching = batch.Events.Where(tailed => filter.Matches(tailed.Event)).ToList();
        return JsonSerializer.Serialize(
            new TailResponse(
                [.. Spread(matching).OrderByDescending(tailed => tailed.Event.Timestamp).Select(TailedEvent.From)], batch.Arrived, batch.Events.Count, matching.Count, Math.Round(batch.Seconds, 3)),
            JsonSerializerOptions.Web);
    }

    /// <summary>As many as are shown, from everywhere in what there is.</summary>
    private static IEnumerable<TailEvent> Spread(List<TailEvent> events) =>
        events.Count <= MostShown ? events : Enumerable.Range(0, MostShown).Select(i => events[(int)((long)i * events.Count / MostShown)]);

    private static string Cut(string text) => text.Length <= LongestText ? text : string.Concat(text.AsSpan(0, LongestText), "…");

    private sealed record TailResponse(IReadOnlyList<TailedEvent> Items, long Arrived, int Looked, int Matched, double Seconds);

    private sealed record TailedEvent(Guid Id, string Source, string Level, string Message, string Timestamp, JsonElement? Attributes, string Key, int Partition, long Offset)
    {
        public static TailedEvent From(TailEvent tailed) => new(
            tailed.Event.Id,
            tailed.Event.Source,
            SeverityNames.Of(tailed.Event.Level),
            Cut(tailed.Event.Message),
            Rfc3339.Format(tailed.Event.Timestamp),
            tailed.Event.Attributes is { Length: <= LongestText } attributes ? JsonElement.Parse(attributes) : null,
            tailed.Key,
            tailed.Partition,
            tailed.Offset);
    }
}
