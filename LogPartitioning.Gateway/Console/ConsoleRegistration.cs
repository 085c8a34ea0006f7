using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.FluentUI.AspNetCore.Components;

namespace LogPartitioning.Gateway.Console;

/// <summary>The web console at <c>/</c>: pages made here, from what the API answers under the same names.</summary>
internal static class ConsoleRegistration
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        // In a build they are still in the folders of their packages; what is published has them beside it. Named, since a test runs the gateway in a program of its own.
        if (File.Exists(Manifest("runtime")))
        {
            builder.WebHost.UseSetting(WebHostDefaults.StaticWebAssetsKey, Manifest("runtime"));
            builder.WebHost.UseStaticWebAssets();
        }

        // Files are served as they were built: no route beside theirs that looks for others.
        builder.Configuration["ReloadStaticAssetsAtRuntime"] = "false";
        builder.Services.AddRazorComponents();
        builder.Services.AddFluentUIComponents();
        // Blazor asks for it; nothing here is kept with it, so no keys are written anywhere.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Services.AddSingleton<LiveStreams>();
    }

    /// <summary>No other site may show a page in a frame of its own, or have it load or send anything.</summary>
    private const string ContentPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public static void MapConsole(this WebApplication app)
    {
        app.Use(static (context, next) =>
        {
            if (context.GetEndpoint()?.Metadata.GetMetadata<SignInPage>() is not null)
            {
                context.Response.Headers.ContentSecurityPolicy = ContentPolicy;
                context.Response.Headers["Referrer-Policy"] = "same-origin";
                // It has what the logs say.
                context.Response.Headers.CacheControl = "no-store";
            }

            return next(context);
        });
        // They say nothing that is not in the project's repository.
        app.MapStaticAssets(Manifest("endpoints")).AllowAnonymous().DisableHttpMetrics();
        app.MapLive();
        app.MapSignIn();
        // The key is shown in a cookie that no other site's page has a browser send with a change: see ShownKey.
        app.MapRazorComponents<ConsoleDocument>().WithStaticAssets(Manifest("endpoints")).RequireAuthorization(Roles.Read).DisableAntiforgery().WithMetadata(new SignInPage(SignIn.Path))
            // A page changes nothing: its forms go to the API.
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));
    }

    private static string Manifest(string kind) => Path.Combine(AppContext.BaseDirectory, $"{typeof(ConsoleRegistration).Assembly.GetName().Name}.staticwebassets.{kind}.json");
}
