using LogPartitioning.ServiceDefaults.Access;

namespace LogPartitioning.Gateway.Console;

/// <summary>Where keys are set up: takes one from a form and has the browser show it from then on.</summary>
internal static class SignIn
{
    public const string Path = "/sign-in";
    private const int MaxFormBytes = 16 * 1024;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Path, async (HttpContext context, CancellationToken cancellationToken) =>
        {
            if (context.Request is not { HasFormContentType: true, ContentLength: <= MaxFormBytes })
            {
                return Results.BadRequest();
            }

            var form = await context.Request.ReadFormAsync(cancellationToken);
            if (form["key"].ToString().Trim() is { Length: > 0 } key)
            {
                KeyCookie.Set(context, key);
            }

            return Results.LocalRedirect(LocalPath(form["to"]));
        }).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        routes.MapPost("/sign-out", (HttpContext context) =>
        {
            KeyCookie.Delete(context);
            return Results.LocalRedirect(Path);
        }).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
    }

    /// <summary>A path of this service, and of no other one.</summary>
    internal static string LocalPath(string? to) =>
        to is ['/', ..] and not ['/', '/' or '\\', ..] && !to.StartsWith(Path, StringComparison.Ordinal) ? to : "/";
}
