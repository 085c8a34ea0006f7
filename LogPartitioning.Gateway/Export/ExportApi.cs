using System.Text;
using LogPartitioning.Gateway.Ingress;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;

namespace LogPartitioning.Gateway.Export;

/// <summary><c>/api/logs/export</c>: stored events as a file.</summary>
internal static class ExportApi
{
    /// <summary>How many events a file has at most.</summary>
    public const int MostEvents = 100_000;

    private const string NextCursor = "X-Next-Cursor";
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    public static void MapExportApi(this IEndpointRouteBuilder routes) => routes.MapGet("/api/logs/export", GetAsync)
        .WithTags("Logs")
        .RequireAuthorization(Roles.Read)
        .WithName("ExportLogs")
        .WithSummary("Stored events as a file: CSV, or NDJSON as POST /api/logs takes it")
        .WithDescription(
            $"With the parameters of `GET /api/logs`, but that `limit` is of the file: 1 to {MostEvents}, the default. Where more are left, the trailer `{NextCursor}` is the cursor of the next file. "
            + "The file is read page by page while it is sent; 10 min at most.")
        .WithExportParameters()
        .WithLargeAnswers()
        .Produces(StatusCodes.Status200OK, contentType: ExportFormat.Ndjson.MediaType)
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<IResult> GetAsync(HttpContext context, LogQuery logs, PageBudget pages, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!ExportParameters.TryRead(context.Request.Query, out var export, out var problems))
        {
            return Refusals.ByField(problems);
        }

        LogPage page;
        try
        {
            await pages.ReserveAsync(context, LogQuery.MaxPageBytes, cancellationToken);
            page = await logs.RunAsync(export.PageAfter(export.Filter.After, 0), cancellationToken);
        }
        catch (Exception e) when (FailedRead.Is(e))
        {
            return FailedRead.Answer(context, e);
        }

        var trails = context.Response.SupportsTrailers();
        if (trails)
        {
            context.Response.DeclareTrailer(NextCursor);
        }

        context.Response.ContentType = export.Format.MediaType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"logs-{time.GetUtcNow():yyyyMMdd-HHmmss}.{export.Format.Name}\"";
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(s_longest);
        try
        {
            var left = await WriteAsync(context.Response, logs, export, page, deadline.Token);
            if (trails && left is not null)
            {
                context.Response.AppendTrailer(NextCursor, left.ToString());
            }
        }
        catch (Exception e) when (FailedRead.Is(e) || e is OperationCanceledException)
        {
            // Part of the file is out: cutting the connection is the only way left to say that it is not whole.
            context.Abort();
        }

        return Results.Empty;
    }

    /// <returns>Where the next file begins; null when nothing is left.</returns>
    private static async Task<LogCursor?> WriteAsync(HttpResponse response, LogQuery logs, ExportRequest export, LogPage page, CancellationToken cancellationToken)
    {
        var text = new StringBuilder(export.Format.Head);
        var written = 0;
        while (true)
        {
            foreach (var stored in page.Items)
            {
                export.Format.Write(stored, text);
            }

            written += page.Items.Count;
            await response.WriteAsync(text.ToString(), cancellationToken);
            text.Clear();
            if (page.Next is null || written >= export.Filter.Limit)
            {
                return page.Next;
            }

            page = await logs.RunAsync(export.PageAfter(page.Next, written), cancellationToken);
        }
    }
}
