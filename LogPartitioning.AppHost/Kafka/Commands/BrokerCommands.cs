using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Kafka.Commands;

/// <summary>The commands that kill a broker of a cluster, as a crash would, and start it again.</summary>
internal static class BrokerCommands
{
    /// <summary>The command that kills a broker.</summary>
    public const string Kill = "kill-broker";

    /// <summary>The command that starts a broker.</summary>
    public const string Start = "start-broker";

    /// <summary>The argument of both: the broker's resource.</summary>
    public const string Broker = "broker";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Adds the commands.</summary>
    public static IResourceBuilder<KafkaClusterResource> WithBrokerCommands(this IResourceBuilder<KafkaClusterResource> cluster) => cluster
        .WithCommand(Kill, "Kill a broker", context => KillAsync(cluster.Resource, context), new CommandOptions
        {
            Description = "Ends a broker at once, without an orderly stop. Writes go on while enough replicas are left.",
            IconName = "PlugDisconnected",
            Arguments = [Choice(cluster.Resource)],
            Progress = new CommandProgressOptions { Title = "Kill a broker", Message = "Waiting until it is down …" },
        })
        .WithCommand(Start, "Start a broker", context => StartAsync(cluster.Resource, context), new CommandOptions
        {
            Description = "Starts a broker that is down, and waits until it has joined the cluster.",
            IconName = "Play",
            Arguments = [Choice(cluster.Resource)],
            Progress = new CommandProgressOptions { Title = "Start a broker", Message = "Waiting until it has joined the cluster …" },
        });

    private static InteractionInput Choice(KafkaClusterResource cluster) => new()
    {
        Name = Broker,
        Label = "Broker",
        InputType = InputType.Choice,
        Required = true,
        Options = [.. cluster.Brokers.Select(broker => KeyValuePair.Create(broker.Resource.Name, broker.Resource.Name))],
        Value = cluster.Brokers[0].Resource.Name,
    };

    private static async Task<ExecuteCommandResult> KillAsync(KafkaClusterResource cluster, ExecuteCommandContext context)
    {
        if (!TryFind(cluster, context, out var broker, out var mistake))
        {
            return mistake;
        }

        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(broker.Name, out var current) || current.Snapshot.State?.Text != KnownResourceStates.Running)
        {
            return CommandResults.Failure($"{broker.Name} is not running: {current?.Snapshot.State?.Text ?? "it was never started"}.");
        }

        if (await ResourceKill.KillAsync(current.Snapshot, context.CancellationToken) is { } problem)
        {
            return CommandResults.Failure($"{broker.Name} could not be killed: {problem}");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        deadline.CancelAfter(Patience);
        var state = await notifications.WaitForResourceAsync(broker.Name, KnownResourceStates.TerminalStates, deadline.Token);
        return CommandResults.Success($"{broker.Name} was killed; it is {state}.");
    }

    private static async Task<ExecuteCommandResult> StartAsync(KafkaClusterResource cluster, ExecuteCommandContext context)
    {
        if (!TryFind(cluster, context, out var broker, out var mistake))
        {
            return mistake;
        }

        var commands = context.Services.GetRequiredService<ResourceCommandService>();
        var started = await commands.ExecuteCommandAsync(broker, KnownResourceCommands.StartCommand, context.CancellationToken);
        if (!started.Success)
        {
            return started;
        }

        var clock = TimeProvider.System.GetTimestamp();
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await notifications.WaitForResourceHealthyAsync(broker.Name, WaitBehavior.WaitOnResourceUnavailable, deadline.Token);
            return CommandResults.Success($"{broker.Name} joined the cluster after {TimeProvider.System.GetElapsedTime(clock).TotalSeconds:0.0} s.");
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            return CommandResults.Failure($"{broker.Name} was started and has not joined the cluster after {Patience.TotalSeconds:0} s; its log says why.");
        }
    }

    private static bool TryFind(KafkaClusterResource cluster, ExecuteCommandContext context, out IResource broker, out ExecuteCommandResult mistake)
    {
        var name = context.Arguments.GetString(Broker);
        var found = cluster.Brokers.FirstOrDefault(candidate => candidate.Resource.Name == name);
        broker = found?.Resource!;
        mistake = CommandResults.Failure($"\"{name}\" is none of the brokers {string.Join(", ", cluster.Brokers.Select(candidate => candidate.Resource.Name))}.");
        return found is not null;
    }
}
