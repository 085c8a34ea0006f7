using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>The command that creates a cluster's topics.</summary>
internal static class TopicCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "create-topics";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Adds the command.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithTopicCommand(this IResourceBuilder<KafkaClusterResource> cluster) =>
        cluster.WithCommand(Name, "Create topics", context => CreateAsync(cluster.Resource, context), new CommandOptions
        {
            Description = "Creates the topics that are missing; those that exist stay as they are.",
            IconName = "AddSquareMultiple",
            UpdateState = context => !cluster.Resource.CreatesTopicsOnRequest ? ResourceCommandState.Hidden
                : context.ResourceSnapshot.HealthStatus is HealthStatus.Healthy or HealthStatus.Degraded ? ResourceCommandState.Enabled
                : ResourceCommandState.Disabled,
            Progress = new CommandProgressOptions { Title = "Create topics", Message = "Asking the brokers for the topics that exist …" },
        });

    private static async Task<ExecuteCommandResult> CreateAsync(KafkaClusterResource cluster, ExecuteCommandContext context)
    {
        if (cluster.Topics.Count == 0)
        {
            return CommandResults.Success("No topic is named for this cluster.");
        }

        var bootstrapServers = await cluster.ConnectionStringExpression.GetValueAsync(context.CancellationToken);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers })
            .SetLogHandler(static (_, _) => { })
            .Build();
        try
        {
            var known = await Task.Run(() => admin.GetMetadata(Timeout), context.CancellationToken);
            var names = known.Topics.Select(topic => topic.Topic).ToHashSet(StringComparer.Ordinal);
            var missing = cluster.Topics.Where(topic => !names.Contains(topic.Name)).ToList();
            if (missing.Count > 0)
            {
                await admin.CreateTopicsAsync(missing.Select(Specification), new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout })
                    .WaitAsync(context.CancellationToken);
            }

            var outcome = string.Join("; ", cluster.Topics.Select(topic => missing.Contains(topic)
                ? $"{topic.Name} created with {topic.Partitions} partitions and {topic.ReplicationFactor} replicas"
                : $"{topic.Name} exists"));
            return CommandResults.Success(outcome);
        }
        catch (CreateTopicsException e)
        {
            return CommandResults.Failure(string.Join("; ", e.Results.Where(result => result.Error.IsError).Select(result => $"{result.Topic}: {result.Error.Reason}")));
        }
        catch (KafkaException e)
        {
            return CommandResults.Failure($"The brokers at {bootstrapServers} did not answer: {e.Error.Reason}");
        }
    }

    private static TopicSpecification Specification(KafkaTopic topic) => new()
    {
        Name = topic.Name,
        NumPartitions = topic.Partitions,
        ReplicationFactor = topic.ReplicationFactor,
        Configs = new Dictionary<string, string>(topic.Settings ?? new Dictionary<string, string>()) { ["min.insync.replicas"] = $"{topic.MinInSyncReplicas}" },
    };
}
