using Confluent.Kafka;
using LogPartitioning.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LogPartitioning.Gateway.Requests;

/// <summary>Brokers or a database that do not answer are no fault of this service: 503, and try again.</summary>
internal sealed class UnavailableFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (Exception error) when (error is KafkaException or TimeoutException)
        {
            return Unavailable(context.HttpContext, $"The brokers do not answer: {error.Message}");
        }
        catch (NpgsqlException error) when (error.IsTransient || error is not PostgresException)
        {
            return Unavailable(context.HttpContext, $"The log store does not answer: {error.Message}");
        }
    }

    private static ProblemHttpResult Unavailable(HttpContext context, string detail)
    {
        context.Response.SetRetryAfter(RetryAfter.WhenBack);
        return TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
