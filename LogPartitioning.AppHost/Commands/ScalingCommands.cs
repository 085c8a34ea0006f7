using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using LogPartitioning.AppHost.Lifetime;
using LogPartitioning.AppHost.Restarts;
using LogPartitioning.AppHost.Services;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.AppHost.Commands;

/// <summary>The commands on the consumers: scale to a number, stop one in order, kill one.</summary>
internal static class ScalingCommands
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

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    /// <summary>Adds the commands.</summary>
    public static void WithScalingCommands(this IResourceBuilder<ConsumerGroupResource> group)
    {
        var instances = group.Resource.Instances;
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
                        Label = string.Create(CultureInfo.InvariantCulture, $"Consumers (0 to {instances.Count})"),
                        InputType = InputType.Number,
                        Required = true,
                        Value = instances.Count.ToString(CultureInfo.InvariantCulture),
                    },
                ],
                ValidateArguments = context =>
                {
                    if (Number(context.Inputs, instances.Count) is null)
                    {
                        context.AddValidationError(context.Inputs[Count], $"A whole number from 0 to {instances.Count}.");
                    }

                    return Task.CompletedTask;
                },
                Progress = new CommandProgressOptions { Title = "Scale the consumers", Message = "Starting and stopping consumers; their log shows each step …" },
            })
            .WithCommand(Stop, "Stop a consumer", context => StopAsync(instances, context), new CommandOptions
            {
                Description = "Tells a consumer to stop: it finishes and commits what it has read, up to 30 s.",
                IconName = "Stop",
                Arguments = [Choice(instances)],
                Progress = new CommandProgressOptions { Title = "Stop a consumer", Message = "It finishes and commits what it has read …" },
            })
            .WithCommand(Kill, "Kill a consumer", context => KillAsync(instances, context), new CommandOptions
            {
                Description = "Ends a consumer at once, as a crash would. It is started again by itself.",
                IconName = "PlugDisconnected",
                Arguments = [Choice(instances)],
                Progress = new CommandProgressOptions { Title = "Kill a consumer", Message = "Waiting until it is down …" },
            });
    }

    private static async Task<ExecuteCommandResult> ScaleAsync(List<IResource> instances, ExecuteCommandContext context)
    {
        if (Number(context.Arguments, instances.Count) is not { } count)
        {
            return CommandResults.Failure($"\"{context.Arguments.GetString(Count)}\" is not a whole number from 0 to {instances.Count}.");
        }

        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        var up = instances.Where(instance => IsUp(notifications, instance)).ToList();
        foreach (var down in instances.Except(up).Skip(Math.Max(0, count - up.Count)))
        {
            // One that died and is about to be started again shall not be.
            context.Services.GetRequiredService<StopIntentions>().Announce(down.Name);
        }

        var toStart = instances.Except(up).Take(count - up.Count).ToList();
        var toStop = up.AsEnumerable().Reverse().Take(up.Count - count).ToList();
        var problems = new List<string>();
        foreach (var instance in toStart)
        {
            CommandLog.Starting(context.Logger, instance.Name);
            var started = await context.Services.GetRequiredService<ResourceCommandService>()
                .ExecuteCommandAsync(instance, KnownResourceCommands.StartCommand, context.CancellationToken);
            if (!started.Success)
            {
                problems.Add($"{instance.Name} did not start: {started.Message}");
            }
        }

        problems.AddRange(await WaitUntilHealthyAsync(notifications, toStart, context.CancellationToken));
        foreach (var instance in toStop)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            CommandLog.Stopping(context.Logger, instance.Name);
            if (!await StopAsync(instance, context))
            {
                problems.Add($"{instance.Name} had to be killed");
            }
        }

        var outcome = string.Create(CultureInfo.InvariantCulture, $"{instances.Count(instance => IsUp(notifications, instance))} consumers run ({up.Count} before).");
        return problems.Count == 0 ? CommandResults.Success(outcome) : CommandResults.Failure($"{outcome} {string.Join("; ", problems)}.");
    }

    private static async Task<ExecuteCommandResult> StopAsync(List<IResource> instances, ExecuteCommandContext context)
    {
        if (Find(instances, context) is not { } instance)
        {
            return Unknown(instances, context);
        }

        var clock = TimeProvider.System.GetTimestamp();
        return await StopAsync(instance, context)
            ? CommandResults.Success(string.Create(CultureInfo.InvariantCulture, $"{instance.Name} stopped after {TimeProvider.System.GetElapsedTime(clock).TotalSeconds:0.0} s."))
            : CommandResults.Failure($"{instance.Name} had to be killed: it still ran after {ConsumerGroup.StopBudget.TotalSeconds:0} s.");
    }

    private static async Task<bool> StopAsync(IResource instance, ExecuteCommandContext context)
    {
        context.Services.GetRequiredService<StopIntentions>().Announce(instance.Name);
        return await context.Services.GetRequiredService<ResourceStopper>().StopAsync(instance, ConsumerGroup.StopBudget, CancellationToken.None, context.CancellationToken);
    }

    private static async Task<ExecuteCommandResult> KillAsync(List<IResource> instances, ExecuteCommandContext context)
    {
        if (Find(instances, context) is not { } instance)
        {
            return Unknown(instances, context);
        }

        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(instance.Name, out var current) || ResourceStopper.ProcessId(current.Snapshot) is not { } processId)
        {
            return CommandResults.Failure($"{instance.Name} is not running.");
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is Win32Exception or ArgumentException or InvalidOperationException)
        {
            return CommandResults.Failure($"{instance.Name} could not be killed: {e.Message}");
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        deadline.CancelAfter(StartPatience);
        await notifications.WaitForResourceAsync(instance.Name, KnownResourceStates.TerminalStates, deadline.Token);
        return CommandResults.Success($"{instance.Name} was killed.");
    }

    private static async Task<IEnumerable<string>> WaitUntilHealthyAsync(
        ResourceNotificationService notifications, List<IResource> instances, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartPatience);
        try
        {
            await Task.WhenAll(instances.Select(instance =>
                notifications.WaitForResourceHealthyAsync(instance.Name, WaitBehavior.WaitOnResourceUnavailable, deadline.Token)));
            return [];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [$"not all of {string.Join(", ", instances.Select(instance => instance.Name))} are healthy after {StartPatience.TotalSeconds:0} s"];
        }
    }

    private static InteractionInput Choice(List<IResource> instances) => new()
    {
        Name = Consumer,
        Label = "Consumer",
        InputType = InputType.Choice,
        Required = true,
        Options = [.. instances.Select(instance => KeyValuePair.Create(instance.Name, instance.Name))],
        Value = instances[0].Name,
    };

    private static int? Number(InteractionInputCollection inputs, int most) =>
        int.TryParse(inputs.GetString(Count), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= most ? count : null;

    private static IResource? Find(List<IResource> instances, ExecuteCommandContext context) =>
        instances.FirstOrDefault(instance => instance.Name == context.Arguments.GetString(Consumer));

    private static ExecuteCommandResult Unknown(List<IResource> instances, ExecuteCommandContext context) =>
        CommandResults.Failure($"\"{context.Arguments.GetString(Consumer)}\" is none of the consumers {string.Join(", ", instances.Select(instance => instance.Name))}.");

    private static bool IsUp(ResourceNotificationService notifications, IResource instance) =>
        notifications.TryGetCurrentState(instance.Name, out var current)
        && current.Snapshot.State?.Text is { } state
        && state != KnownResourceStates.NotStarted
        && !KnownResourceStates.TerminalStates.Contains(state);
}
