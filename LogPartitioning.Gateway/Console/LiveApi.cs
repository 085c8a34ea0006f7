using System.Diagnostics.CodeAnalysis;
using System.Text;
using LogPartitioning.Gateway.Console.Contents;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;

namespace LogPartitioning.Gateway.Console;

/// <summary>
/// <c>/live/{page}</c>: what changes of a page, as server-sent events: <c>view</c> with the page's content where it is another one, <c>beat</c> where it is the same.
/// No circuit: a page holds nothing at the server but this stream, and a lost one begins again by itself.
/// </summary>
internal static class LiveApi
{
    private static readonly Dictionary<string, Type> s_contents = new(StringComparer.Ordinal)
    {
        ["overview"] = typeof(OverviewContent),
        ["partitions"] = typeof(PartitionsContent),
        ["partition"] = typeof(PartitionContent),
        ["sources"] = typeof(SourcesContent),
        ["rebalances"] = typeof(RebalancesContent),
        ["scaling"] = typeof(ScalingContent),
        ["audit"] = typeof(AuditContent),
        ["redrives"] = typeof(RedrivesContent),
        ["operate"] = typeof(OperateContent),
    };

    /// <summary>How often it is looked whether the content is another one.</summary>
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    public static void MapLive(this IEndpointRouteBuilder routes) => routes.MapGet("/live/{page}", StreamAsync)
        .RequireAuthorization(Roles.Read)
        .DisableHttpMetrics()
        .ExcludeFromDescription();

    private static async Task<IResult> StreamAsync(HttpContext context, string page, LiveStreams streams, IHostApplicationLifetime lifetime, TimeProvider time, ILoggerFactory loggers)
    {
        if (!s_contents.TryGetValue(page, out var content))
        {
            return Results.NotFound();
        }

        if (streams.TryOpen() is not { } place)
        {
            return UnavailableFilter.Busy(context, new("As many pages are open as may be."));
        }

        using (place)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping))
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            try
            {
                var shown = "";
                using var timer = new PeriodicTimer(s_interval, time);
                do
                {
                    var html = await streams.MakeAsync(() => RenderAsync(context, content, page, loggers, ended.Token), ended.Token);
                    await context.Response.WriteAsync(html == shown ? "event: beat\ndata:\n\n" : Event("view", html), ended.Token);
                    await context.Response.Body.FlushAsync(ended.Token);
                    shown = html;
                }
                while (await timer.WaitForNextTickAsync(ended.Token));
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // The page was left, or the gateway stops.
            }
        }

        return Results.Empty;
    }

    /// <summary>An event of several lines, as the format has it.</summary>
    private static string Event(string name, string text)
    {
        var lines = new StringBuilder($"event: {name}\n");
        foreach (var line in text.EnumerateLines())
        {
            lines.Append("data: ").Append(line).Append('\n');
        }

        return lines.Append('\n').ToString();
    }

    private static async Task<string> RenderAsync(
        HttpContext context, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] Type content, string page, ILoggerFactory loggers, CancellationToken ended)
    {
        await using var scope = context.RequestServices.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        var origin = $"{context.Request.Scheme}://{context.Request.Host}/";
        (scope.ServiceProvider.GetRequiredService<NavigationManager>() as IHostEnvironmentNavigationManager)?.Initialize(origin, origin);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(ContentBase.Page)] = new PageContext($"/{page}", context.Request.Query, context.User),
            [nameof(ContentBase.Ended)] = ended,
        });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(content, parameters)).ToHtmlString());
    }
}
