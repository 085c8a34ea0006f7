using LogPartitioning.Consumer.Membership;
using LogPartitioning.Core.GroupState;
using LogPartitioning.Core.Lag;
using LogPartitioning.Core.Partitioning;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Consumer.Reporting;

/// <summary><c>/api/consumer</c>: this instance alone. The gateway shows the group.</summary>
internal static class ConsumerApi
{
    public static void MapConsumerApi(this IEndpointRouteBuilder routes)
    {
        var consumer = routes.MapGroup("/api/consumer").WithTags("Consumer instance");
        consumer.MapGet("health", GetHealthAsync)
            .RequireAuthorization(Roles.Read)
            .WithName("GetInstanceHealth")
            .WithSummary("The instance, its group, its workers with their last poll, and its stores")
            .WithResponseExample(StatusCodes.Status200OK, ConsumerApiExamples.Health);
        consumer.MapGet("lag", GetLag)
            .RequireAuthorization(Roles.Read)
            .WithName("GetInstanceLag")
            .WithSummary("Lag of the partitions that this instance owns")
            .WithResponseExample(StatusCodes.Status200OK, ConsumerApiExamples.Lag);
        consumer.MapGet("partition-distribution", GetDistribution)
            .RequireAuthorization(Roles.Read)
            .WithName("GetInstanceDistribution")
            .WithSummary("Events that this instance has stored, by partition, with share and imbalance")
            .WithResponseExample(StatusCodes.Status200OK, ConsumerApiExamples.Distribution);
        consumer.MapGet("assigned-partitions", GetAssignment)
            .RequireAuthorization(Roles.Read)
            .WithName("GetInstanceAssignment")
            .WithSummary("Which worker of this instance has which partitions")
            .WithResponseExample(StatusCodes.Status200OK, ConsumerApiExamples.Assignment);
    }

    private static async Task<Ok<InstanceHealth>> GetHealthAsync(
        InstanceView view, StatePublisher publisher, HealthCheckService checks, CancellationToken cancellationToken)
    {
        var report = await checks.CheckHealthAsync(check => check.Name == ConsumerHealthCheck.Name, cancellationToken);
        var entry = report.Entries[ConsumerHealthCheck.Name];
        return TypedResults.Ok(new InstanceHealth(
            entry.Status.ToString().ToLowerInvariant(), entry.Description, view.Describe(publisher.EventsPerSecond)));
    }

    private static Ok<InstanceLag> GetLag(LagMonitor monitor, LagReporter reporter, WorkerServices services)
    {
        var partitions = reporter.Owned().ToList();
        return TypedResults.Ok(new InstanceLag(
            services.Kafka.Group,
            services.Kafka.Topic,
            services.Options.Instance,
            monitor.Current?.At,
            monitor.Problem ?? (monitor.Current is null ? "The brokers have not told the group's offsets yet." : null),
            partitions.Sum(p => p.Lag),
            partitions.Count == 0 ? LagVerdict.Ok : partitions.Max(p => p.Verdict),
            partitions));
    }

    private static Ok<InstanceDistribution> GetDistribution(InstanceView view, WorkerServices services)
    {
        var stored = services.Metrics.ProcessedByPartition;
        var partitions = stored.Keys.Union(view.Owned.Select(p => p.Partition)).Order().ToList();
        var total = stored.Values.Sum();
        return TypedResults.Ok(new InstanceDistribution(
            services.Options.Instance,
            total,
            Math.Round(HotRule.ImbalanceOf([.. partitions.Select(p => stored.GetValueOrDefault(p))]), 4),
            [.. partitions.Select(p => new PartitionShare(
                p, stored.GetValueOrDefault(p), total == 0 ? 0 : Math.Round((double)stored.GetValueOrDefault(p) / total, 4)))]));
    }

    private static Ok<AssignmentView> GetAssignment(ConsumerInstance instance, WorkerServices services) =>
        TypedResults.Ok(new AssignmentView(
            [new(services.Options.Instance, [.. instance.Workers.Select(w => new WorkerPartitions(w.Number, [.. w.Partitions.Select(p => p.Partition)]))])]));
}
