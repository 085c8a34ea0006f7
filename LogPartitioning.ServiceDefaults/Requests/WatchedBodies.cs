using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Has every body of a request watched while it arrives, whoever reads it and how.</summary>
internal static class WatchedBodies
{
    public static void AddWatchedBodies(this IServiceCollection services) => services.AddSingleton<ArrivingBodies>();

    public static void UseWatchedBodies(this WebApplication app)
    {
        var bodies = app.Services.GetRequiredService<ArrivingBodies>();
        app.Use(async (context, next) =>
        {
            if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            {
                await next(context);
                return;
            }

            var (stream, pipe) = (context.Request.Body, context.Features.Get<IRequestBodyPipeFeature>());
            var body = new ArrivingBody(bodies, context.Request.BodyReader, TimeProvider.System);
            context.Request.Body = body.AsStream(leaveOpen: true);
            context.Features.Set<IRequestBodyPipeFeature>(body);
            context.Features.Set(body);
            try
            {
                await next(context);
            }
            finally
            {
                body.End();
                context.Request.Body = stream;
                context.Features.Set(pipe);
            }
        });
    }
}
