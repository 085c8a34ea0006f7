using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace LogPartitioning.Gateway.Query;

/// <summary>What a request is answered with whose read of the log store fails.</summary>
internal static class FailedRead
{
    /// <summary>Whether there is an answer for it.</summary>
    public static bool Is(Exception error) => error is SearchTooWideException or BusyException or TimeoutException or NpgsqlException;

    /// <summary>The answer.</summary>
    public static ProblemHttpResult Answer(HttpContext context, Exception error) => error switch
    {
        SearchTooWideException => Refusals.ByField("contains", error.Message),
        BusyException busy => UnavailableFilter.Busy(context, busy),
        NpgsqlException cause => UnavailableFilter.Answer(context, cause),
        _ => TypedResults.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, detail: error.Message),
    };
}
