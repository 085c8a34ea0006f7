using LogPartitioning.Core.Events;
using LogPartitioning.Gateway.Query;
using LogPartitioning.Gateway.Requests;
using LogPartitioning.ServiceDefaults.Access;
using LogPartitioning.ServiceDefaults.Requests;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LogPartitioning.Gateway.Ingress;

/// <summary><c>/api/logs/histogram</c>: how many events there are, by time and level.</summary>
internal static class HistogramApi
{
    // A bucket with all levels, as the answer has it.
    private const int BucketBytes = 256;

    public static void MapHistogramApi(this IEndpointRouteBuilder routes) => routes.MapGet("/api/logs/histogram", GetAsync)
        .WithTags("Logs")
        .RequireAuthorization(Roles.Read)
        .WithName("GetHistogram")
        .WithSummary("Counts stored events by time and level")
        .WithDescription("Of whole minutes by UTC: `from` is moved back and `to` on to the next one, and the answer has them as they were counted. Every bucket is there; a level that it has no events of is left out. The first and the last count only what lies between `from` and `to`.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .WithHistogramParameters()
        .WithLargeAnswers()
        .WithResponseExample(StatusCodes.Status200OK, Example);

    private static async Task<Results<Ok<HistogramResponse>, ProblemHttpResult>> GetAsync(
        HttpContext context, LogHistogram histogram, PageBudget pages, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!HistogramParameters.TryRead(context.Request.Query, time.GetUtcNow(), out var filter, out var problems))
        {
            return Refusals.ByField(problems);
        }

        try
        {
            var bytes = filter.Step.BucketsIn(filter.Range) * BucketBytes;
            var place = await pages.ReserveAsync(context, bytes, cancellationToken);
            var buckets = await histogram.RunAsync(filter, cancellationToken);
            place.Hold(bytes);
            return TypedResults.Ok(HistogramResponse.Of(filter, buckets));
        }
        catch (Exception e) when (FailedRead.Is(e))
        {
            return FailedRead.Answer(context, e);
        }
    }

    /// <summary>Counts of events.</summary>
    /// <param name="From">Where the time begins that was counted, a whole minute.</param>
    /// <param name="To">Where it ends, a whole minute.</param>
    /// <param name="Step">How long a bucket is.</param>
    /// <param name="Events">How many events there are in all.</param>
    /// <param name="Buckets">All buckets, the oldest first.</param>
    internal sealed record HistogramResponse(string From, string To, string Step, long Events, IReadOnlyList<BucketResponse> Buckets)
    {
        public static HistogramResponse Of(HistogramFilter filter, IReadOnlyList<HistogramBucket> buckets) => new(
            Text(filter.Range.From),
            Text(filter.Range.To),
            filter.Step.Name,
            buckets.Sum(bucket => bucket.Levels.Sum()),
            [
                .. buckets.Select(bucket => new BucketResponse(
                    Text(bucket.From),
                    bucket.Levels.Sum(),
                    bucket.Levels.Index().Where(level => level.Item > 0).ToDictionary(level => SeverityNames.Of((Severity)level.Index), level => level.Item))),
            ]);

        private static string Text(DateTime time) => Rfc3339.Format(new DateTimeOffset(time));
    }

    /// <summary>How many events there are of a step.</summary>
    /// <param name="From">Where it begins.</param>
    /// <param name="Events">How many of all levels.</param>
    /// <param name="Levels">How many of each level that there are any of.</param>
    internal sealed record BucketResponse(string From, long Events, IReadOnlyDictionary<string, long> Levels);

    private const string Example = """
        {"from":"2026-11-22T07:00:00Z","to":"2026-11-22T07:02:00Z","step":"1m","events":13,"buckets":[
        {"from":"2026-11-22T07:00:00Z","events":13,"levels":{"Information":12,"Error":1}},{"from":"2026-11-22T07:01:00Z","events":0,"levels":{}}]}
        """;
}
