using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Kafka;

/// <summary>The commands that kill a broker of a cluster, as a crash would, and start it again.</summary>
internal static class BrokerCommands
{
    /// <summary>The command that kills a broker.</summary>
    public const string Kill = "kill-broker";

    /// <summary>The command that starts a broker.</summary>
    public const string Start = "start-broker";

    /// <summary>The argument of both: the broker's resource.</summary>
    public const string Broker = "broker";

    /// <summary>Adds the commands.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithBrokerCommands(this IResourceBuilder<KafkaClusterResource> cluster)
    {
        var choice = new ResourceChoice(Broker, [.. cluster.Resource.Brokers.Select(broker => broker.Resource)]);
        return cluster
            .WithCommand(Kill, "Kill a broker", context => choice.RunAsync(context, ResourceChoice.KillAsync), new CommandOptions
            {
                Description = "Ends a broker at once, without an orderly stop. Writes go on while enough replicas are left.",
                IconName = "PlugDisconnected",
                Arguments = [choice.Input],
                Progress = new CommandProgressOptions { Title = "Kill a broker", Message = "Waiting until it is down …" },
            })
            .WithCommand(Start, "Start a broker", context => choice.RunAsync(context, StartAsync), new CommandOptions
            {
                Description = "Starts a broker that is down, and waits until it has joined the cluster.",
                IconName = "Play",
                Arguments = [choice.Input],
                Progress = new CommandProgressOptions { Title = "Start a broker", Message = "Waiting until it has joined the cluster …" },
            });
    }

    private static async Task<ExecuteCommandResult> StartAsync(IResource broker, ExecuteCommandContext context)
    {
        var started = await context.Services.GetRequiredService<ResourceCommandService>()
            .ExecuteCommandAsync(broker, KnownResourceCommands.StartCommand, context.CancellationToken);
        if (!started.Success)
        {
            return started;
        }

        var begin = TimeProvider.System.GetTimestamp();
        return await ResourceChoice.WaitUntilHealthyAsync([broker], context)
            ? CommandResults.Success($"{broker.Name} joined the cluster after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0.0} s.")
            : CommandResults.Failure($"{broker.Name} was started and has not joined the cluster after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0} s; its log says why.");
    }
}
