using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace LogPartitioning.ServiceDefaults.Requests;

/// <summary>A free text at the end of a path.</summary>
public static class RouteText
{
    /// <summary>
    /// What stands behind <paramref name="route"/> as its sender meant it. The routed value will not do: there an encoded slash
    /// stays encoded, and a percent sign followed by 2F, which a text may hold, looks the same.
    /// </summary>
    /// <returns>False where a path cannot say it: <c>.</c> and <c>..</c> as segments mean other places to whatever the request
    /// passes on its way.</returns>
    public static bool TryRead(HttpContext context, string route, string routed, out string text)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(route);
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var start = target.IndexOf(route + "/", StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            text = routed;
            return true;
        }

        var path = target.AsSpan(start + route.Length + 1);
        var query = path.IndexOf('?');
        path = query < 0 ? path : path[..query];
        foreach (var segment in path.Split('/'))
        {
            if (Uri.UnescapeDataString(path[segment]) is "." or "..")
            {
                text = "";
                return false;
            }
        }

        text = Uri.UnescapeDataString(path);
        return true;
    }
}
