using Confluent.Kafka;
using LogPartitioning.Core.Storage;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LogPartitioning.Gateway.Requests;

/// <summary>
/// Brokers or a database that do not answer are no fault of this service: 503, and try again. Why they do not, their clients say in
/// words with addresses and names: those go to the log, with the id that the caller gets.
/// </summary>
internal sealed partial class UnavailableFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (BusyException error)
        {
            return Busy(context.HttpContext, error);
        }
        catch (Exception error) when (error is KafkaException or TimeoutException)
        {
            return Answer(context.HttpContext, "The brokers do not answer.", error);
        }
        catch (NpgsqlException error) when (error.IsTransient || error is not PostgresException)
        {
            return Answer(context.HttpContext, error);
        }
    }

    /// <summary>503 soon over. Not logged: when it matters there are many of them, and the metrics of requests count them.</summary>
    public static ProblemHttpResult Busy(HttpContext context, BusyException busy)
    {
        context.Response.SetRetryAfter(RetryAfter.Soon);
        return TypedResults.Problem(busy.Message, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>503 for a log store that fails; the cause goes to the log.</summary>
    public static ProblemHttpResult Answer(HttpContext context, NpgsqlException cause) => Answer(
        context, LogStoreFailure.IsPoolEmpty(cause) ? "All connections to the log store are in use." : "The log store does not answer.", cause);

    /// <summary>503 with <paramref name="detail"/>; the cause goes to the log.</summary>
    public static ProblemHttpResult Answer(HttpContext context, string detail, Exception cause)
    {
        LogUnavailable(
            context.RequestServices.GetRequiredService<ILogger<UnavailableFilter>>(), context.Request.Method, context.Request.Path, detail, cause.Message, RequestId.Of(context));
        context.Response.SetRetryAfter(RetryAfter.WhenBack);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(4020, LogLevel.Warning, "{Method} {Path} is answered 503: {Detail} {Cause} (trace {RequestTraceId})")]
    private static partial void LogUnavailable(ILogger logger, string method, string path, string detail, string cause, string requestTraceId);
}
