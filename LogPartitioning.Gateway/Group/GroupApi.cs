using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Kafka;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.Gateway.Partitioning;
using LogPartitioning.ServiceDefaults;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LogPartitioning.Gateway.Group;

/// <summary><c>/api/consumer</c>: the whole group, over all instances, also the partitions that nobody owns.</summary>
internal static class GroupApi
{
    public static void MapGroupApi(this IEndpointRouteBuilder routes)
    {
        var consumer = routes.MapGroup("/api/consumer").WithTags("Consumer group");
        consumer.MapGet("lag", GetLagAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetLag")
            .WithSummary("Lag of every partition, with its verdict")
            .WithDescription("Read from the brokers every `Lag:Interval`. Verdicts: OK, WARN (the lag does not fall), REWIND (an offset went back), STALL (an owner does not commit), STOP (nobody owns the partition and records wait).")
            .WithResponseExample(StatusCodes.Status200OK, GroupApiExamples.Lag);
        consumer.MapGet("health", GetHealthAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetConsumerHealth")
            .WithSummary("Instances, workers and stores, and what is off")
            .WithResponseExample(StatusCodes.Status200OK, GroupApiExamples.Health);
        consumer.MapGet("partition-distribution", GetDistributionAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetPartitionDistribution")
            .WithSummary("Records per partition, share and imbalance: since the beginning, and lately")
            .WithResponseExample(StatusCodes.Status200OK, GroupApiExamples.Distribution);
        consumer.MapGet("assigned-partitions", GetAssignmentAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetAssignedPartitions")
            .WithSummary("Which worker of which instance has which partitions")
            .WithResponseExample(StatusCodes.Status200OK, GroupApiExamples.Assignment);
        consumer.MapGet("rebalances", GetRebalancesAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetRebalances")
            .WithSummary("The last 100 rebalances, newest first")
            .WithResponseExample(StatusCodes.Status200OK, GroupApiExamples.Rebalances);
    }

    private static async Task<Results<Ok<GroupLag>, ProblemHttpResult>> GetLagAsync(
        HttpContext context, LagMonitor lag, CancellationToken cancellationToken) =>
        await ReadLagAsync(lag, cancellationToken) is { } report
            ? TypedResults.Ok(GroupLag.From(report, lag.Problem))
            : NotRead(context, lag);

    private static async Task<Ok<GroupHealth>> GetHealthAsync(
        LagMonitor lag, GroupWatch watch, IOptions<KafkaOptions> kafka, CancellationToken cancellationToken)
    {
        var report = await ReadLagAsync(lag, cancellationToken);
        var view = await watch.ReadAsync(cancellationToken);
        var (status, reasons) = GroupHealthRules.Judge(report, lag.Problem, view, kafka.Value.Partitions);
        return TypedResults.Ok(new GroupHealth(
            status,
            reasons,
            kafka.Value.Group,
            kafka.Value.Topic,
            report?.Offsets.State,
            report?.Offsets.Members.Count,
            report?.Verdict,
            report?.TotalLag,
            view.Live,
            view.Instances));
    }

    private static async Task<Results<Ok<Distribution>, ProblemHttpResult>> GetDistributionAsync(
        HttpContext context, LagMonitor lag, ArrivalWindow arrivals, HotPartitions hot, CancellationToken cancellationToken)
    {
        if (await ReadLagAsync(lag, cancellationToken) is not { } report)
        {
            return NotRead(context, lag);
        }

        var window = arrivals.Read();
        var hotPartitions = hot.Find().Select(partition => partition.Partition).ToHashSet();
        var processed = report.Partitions.ToDictionary(partition => partition.Partition, partition => partition.Position);
        var total = processed.Values.Sum();
        return TypedResults.Ok(new Distribution(
            report.Group,
            report.Topic,
            report.At,
            total,
            Math.Round(HotRule.ImbalanceOf(processed.Values), 3),
            new(window.Seconds, window.Total, window.Imbalance),
            [.. report.Partitions.Select(partition => new PartitionDistribution(
                partition.Partition,
                processed[partition.Partition],
                total == 0 ? 0 : Math.Round((double)processed[partition.Partition] / total, 4),
                window.Events.GetValueOrDefault(partition.Partition),
                Math.Round(window.ShareOf(partition.Partition), 4),
                hotPartitions.Contains(partition.Partition)))]));
    }

    private static async Task<Ok<GroupAssignment>> GetAssignmentAsync(
        LagMonitor lag, GroupWatch watch, CancellationToken cancellationToken)
    {
        var report = await ReadLagAsync(lag, cancellationToken);
        var view = await watch.ReadAsync(cancellationToken);
        return TypedResults.Ok(GroupAssignmentView.From(view, report));
    }

    private static async Task<Ok<RebalanceView>> GetRebalancesAsync(RebalanceLog rebalances, CancellationToken cancellationToken) =>
        TypedResults.Ok(await rebalances.ReadAsync(cancellationToken));

    /// <summary>The monitor's last report, or in the first moments a first one; null when the brokers do not tell.</summary>
    private static async Task<LagReport?> ReadLagAsync(LagMonitor lag, CancellationToken cancellationToken)
    {
        if (lag.Current is { } current)
        {
            return current;
        }

        try
        {
            return await lag.RefreshAsync(cancellationToken);
        }
        catch (GroupOffsetsException)
        {
            return null;
        }
    }

    private static ProblemHttpResult NotRead(HttpContext context, LagMonitor lag)
    {
        context.Response.SetRetryAfter(RetryAfter.Soon);
        return TypedResults.Problem(
            statusCode: StatusCodes.Status503ServiceUnavailable,
            detail: lag.Problem ?? "The brokers have not told the group's offsets yet.");
    }
}
