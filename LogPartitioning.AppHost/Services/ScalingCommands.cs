using System.Globalization;
using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Restarts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LogPartitioning.AppHost.Services;

/// <summary>The commands on the consumers: scale to a number, stop one in order, kill one.</summary>
internal static partial class ScalingCommands
{
    /// <summary>Starts and stops instances until as many run as asked for.</summary>
    public const string Scale = "scale";

    /// <summary>Stops one instance, which drains and commits first.</summary>
    public const string Stop = "stop-consumer";

    /// <summary>Ends one instance at once.</summary>
    public const string Kill = "kill-consumer";

    /// <summary>The argument of <see cref="Scale"/>.</summary>
    public const string Count = "count";

    /// <summary>The argument of <see cref="Stop"/> and <see cref="Kill"/>.</summary>
    public const string Consumer = "consumer";

    /// <summary>Adds the commands.</summary>
    public static void WithScalingCommands(this IResourceBuilder<ConsumerGroupResource> group)
    {
        var instances = group.Resource.Instances;
        var choice = new ResourceChoice(Consumer, instances);
        group
            .WithCommand(Scale, "Scale to …", context => ScaleAsync(instances, context), new CommandOptions
            {
                Description = "Starts or stops consumers until as many run as you say. Those that stop finish and commit first.",
                IconName = "ArrowBidirectionalLeftRight",
                IsHighlighted = true,
                Arguments =
                [
                    new InteractionInput
                    {
                        Name = Count,
                        Label = $"Consumers (0 to {instances.Count})",
                        InputType = InputType.Number,
                        Required = true,
                        Value = $"{instances.Count}",
                    },
                ],
                ValidateArguments = context =>
                {
                    if (ReadCount(context.Inputs, instances.Count) is null)
                    {
                        context.AddValidationError(context.Inputs[Count], $"A whole number from 0 to {instances.Count}.");
                    }

                    return Task.CompletedTask;
                },
                Progress = new CommandProgressOptions { Title = "Scale the consumers", Message = "Starting and stopping consumers; their log shows each step …" },
            })
            .WithCommand(Stop, "Stop a consumer", context => choice.RunAsync(context, StopOneAsync), new CommandOptions
            {
                Description = "Tells a consumer to stop: it finishes and commits what it has read, up to 30 s.",
                IconName = "Stop",
                Arguments = [choice.Input],
                Progress = new CommandProgressOptions { Title = "Stop a consumer", Message = "It finishes and commits what it has read …" },
            })
            .WithCommand(Kill, "Kill a consumer", context => choice.RunAsync(context, ResourceChoice.KillAsync), new CommandOptions
            {
                Description = "Ends a consumer at once, as a crash would. It is started again automatically.",
                IconName = "PlugDisconnected",
                Arguments = [choice.Input],
                Progress = new CommandProgressOptions { Title = "Kill a consumer", Message = "Waiting until it is down …" },
            });
    }

    private static async Task<ExecuteCommandResult> ScaleAsync(List<IResource> instances, ExecuteCommandContext context)
    {
        if (ReadCount(context.Arguments, instances.Count) is not { } count)
        {
            return CommandResults.Failure($"\"{context.Arguments.GetString(Count)}\" is not a whole number from 0 to {instances.Count}.");
        }

        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        var up = instances.Where(instance => IsUp(notifications, instance)).ToList();
        foreach (var down in instances.Except(up).Skip(Math.Max(0, count - up.Count)))
        {
            // Otherwise one that died would be started again.
            context.Services.GetRequiredService<IntendedStops>().Add(down.Name);
        }

        var toStart = instances.Except(up).Take(count - up.Count).ToList();
        var toStop = up.AsEnumerable().Reverse().Take(up.Count - count).ToList();
        var problems = new List<string>();
        foreach (var instance in toStart)
        {
            LogStarting(context.Logger, instance.Name);
            var started = await context.Services.GetRequiredService<ResourceCommandService>()
                .ExecuteCommandAsync(instance, KnownResourceCommands.StartCommand, context.CancellationToken);
            if (!started.Success)
            {
                problems.Add($"{instance.Name} did not start: {started.Message}");
            }
        }

        if (!await ResourceChoice.WaitUntilHealthyAsync(toStart, context))
        {
            problems.Add($"not all of {string.Join(", ", toStart.Select(instance => instance.Name))} are healthy after 60 s");
        }

        foreach (var instance in toStop)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            LogStopping(context.Logger, instance.Name);
            if (!await StopAsync(instance, context))
            {
                problems.Add($"{instance.Name} had to be killed");
            }
        }

        var outcome = $"{instances.Count(instance => IsUp(notifications, instance))} consumers run ({up.Count} before).";
        return problems.Count == 0 ? CommandResults.Success(outcome) : CommandResults.Failure($"{outcome} {string.Join("; ", problems)}.");
    }

    private static async Task<ExecuteCommandResult> StopOneAsync(IResource instance, ExecuteCommandContext context)
    {
        var begin = TimeProvider.System.GetTimestamp();
        return await StopAsync(instance, context)
            ? CommandResults.Success($"{instance.Name} stopped after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0.0} s.")
            : CommandResults.Failure($"{instance.Name} had to be killed: it still ran after {ConsumerGroup.StopBudget.TotalSeconds:0} s.");
    }

    private static async Task<bool> StopAsync(IResource instance, ExecuteCommandContext context)
    {
        context.Services.GetRequiredService<IntendedStops>().Add(instance.Name);
        return await context.Services.GetRequiredService<ResourceStopper>().StopAsync(instance, ConsumerGroup.StopBudget, CancellationToken.None, context.CancellationToken);
    }

    private static int? ReadCount(InteractionInputCollection inputs, int most) =>
        int.TryParse(inputs.GetString(Count), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= most ? count : null;

    private static bool IsUp(ResourceNotificationService notifications, IResource instance) =>
        notifications.TryGetCurrentState(instance.Name, out var current)
        && current.Snapshot.State?.Text is { } state
        && state != KnownResourceStates.NotStarted
        && !KnownResourceStates.TerminalStates.Contains(state);

    [LoggerMessage(1, LogLevel.Information, "Starting {Consumer}.")]
    private static partial void LogStarting(ILogger logger, string consumer);

    [LoggerMessage(2, LogLevel.Information, "Stopping {Consumer}: it finishes and commits what it has read.")]
    private static partial void LogStopping(ILogger logger, string consumer);
}
