using Microsoft.AspNetCore.Http;

namespace LogPartitioning.ServiceDefaults.Access;

/// <summary>How a browser shows a key: in a cookie that no script can read and that no other site's page can make a change with.</summary>
public static class KeyCookie
{
    /// <summary>Its name.</summary>
    public const string Name = "logpartitioning-key";

    /// <summary>Has the browser show the key until it is closed.</summary>
    public static void Set(HttpContext context, string key)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Append(Name, key, Options(context));
    }

    /// <summary>Has the browser show none any more.</summary>
    public static void Delete(HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.Response.Cookies.Delete(Name, Options(context));
    }

    /// <summary>The key that the request shows so; null where it shows none, or where another site's page may have had it sent.</summary>
    internal static string? Of(HttpRequest request) => request.Cookies[Name] is { Length: > 0 } value && IsOwn(request) ? value : null;

    /// <summary>
    /// Whether the request reads only, or a page of this service had it sent: every browser that is not years old says where a request comes from, and no page
    /// can make it say something else.
    /// </summary>
    private static bool IsOwn(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers["Sec-Fetch-Site"] == "same-origin";

    private static CookieOptions Options(HttpContext context) => new() { HttpOnly = true, IsEssential = true, Path = "/", SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps };
}
