using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.ServiceDefaults;

/// <summary>Errors as problem details (RFC 9457).</summary>
internal static class Problems
{
    public static void AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            context.ProblemDetails.Instance ??= context.HttpContext.Request.Path;
            context.ProblemDetails.Detail ??= DetailOf(context.HttpContext, context.ProblemDetails.Status);
            context.ProblemDetails.Extensions["traceId"] = RequestId.Of(context.HttpContext);
        });
        services.Configure<ExceptionHandlerOptions>(options => options.StatusCodeSelector = StatusOf);
        // A bad request is answered with 400 in every environment; thrown, it would count as a failure of this service.
        services.Configure<Microsoft.AspNetCore.Routing.RouteHandlerOptions>(options => options.ThrowOnBadRequest = false);
    }

    /// <summary>What the framework answers with a status alone.</summary>
    private static string? DetailOf(HttpContext context, int? status) => status switch
    {
        StatusCodes.Status404NotFound when context.GetEndpoint() is null => "There is nothing at this path; /openapi/v1.json names what there is.",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} is no method of this path; there is {context.Response.Headers.Allow}.",
        _ when context.Features.Get<IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad => bad.Message,
        _ => null,
    };

    private static int StatusOf(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        OperationCanceledException => StatusCodes.Status499ClientClosedRequest,
        _ => StatusCodes.Status500InternalServerError,
    };
}
