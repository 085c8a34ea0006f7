using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Tests.Standins;

/// <summary>How programs run, whoever runs them: the packages or their stand-ins.</summary>
public sealed class ProcessTests
{
    private const string Forever = "while :; do sleep 0.1; done";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_resource_starts_when_what_it_waits_for_is_healthy()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var health = HealthCheckResult.Unhealthy("not yet");
        builder.Services.AddHealthChecks().AddCheck("gate", () => health);
        var server = Shell(builder, "server", Forever).WithHealthCheck("gate");
        Shell(builder, "client", Forever).WaitFor(server);

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        var starting = app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync(
            "server", change => change.Snapshot.HealthReports.Any(report => report.Status == HealthStatus.Unhealthy), deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync("client", KnownResourceStates.Waiting, deadline.Token);

        health = HealthCheckResult.Healthy();
        await app.ResourceNotifications.WaitForResourceHealthyAsync("client", deadline.Token);
        await starting;
    }

    [Fact]
    public async Task A_program_that_ended_otherwise_than_asked_keeps_its_successor_from_starting()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var migration = Shell(builder, "migration", "exit 3");
        Shell(builder, "service", Forever).WaitForCompletion(migration);

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        _ = app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync("service", KnownResourceStates.FailedToStart, deadline.Token);
        var ended = await app.ResourceNotifications.WaitForResourceAsync(
            "migration", change => change.Snapshot.ExitCode is not null, deadline.Token);
        Assert.Equal(3, ended.Snapshot.ExitCode);
    }

    [Fact]
    public async Task Restarting_ends_a_process_and_starts_another()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var service = Shell(builder, "service", Forever).OnResourceStopped((_, _, _) =>
        {
            stopped.TrySetResult();
            return Task.CompletedTask;
        });

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);
        var first = (await app.ResourceNotifications.WaitForResourceHealthyAsync("service", deadline.Token)).Snapshot.StartTimeStamp;

        var result = await app.ResourceCommands.ExecuteCommandAsync(
            service.Resource, KnownResourceCommands.RestartCommand, deadline.Token);

        Assert.True(result.Success, result.Message);
        await app.ResourceNotifications.WaitForResourceAsync(
            "service",
            change => change.Snapshot.State?.Text == KnownResourceStates.Running && change.Snapshot.StartTimeStamp > first,
            deadline.Token);
        // The event is handled beside the restart and may come after it.
        await stopped.Task.WaitAsync(deadline.Token);
    }

    [Fact]
    public async Task A_stopped_resource_was_asked_to_end_and_starts_on_command()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var service = Shell(builder, "service", $"trap 'echo drained; exit 5' TERM; echo ready; {Forever}").WithExplicitStart();

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync("service", KnownResourceStates.NotStarted, deadline.Token);

        await app.ResourceCommands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StartCommand, deadline.Token);
        await OutputAsync(app, service.Resource, "ready", deadline.Token);
        await app.ResourceCommands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StopCommand, deadline.Token);

        await OutputAsync(app, service.Resource, "drained", deadline.Token);
        await app.ResourceNotifications.WaitForResourceAsync(
            "service", change => change.Snapshot.ExitCode is not null, deadline.Token);
    }

    [Fact]
    public async Task A_program_gets_its_port_and_others_find_it_there()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var server = Shell(builder, "server", $"echo listens on $PORT; {Forever}").WithHttpEndpoint(env: "PORT");
        var client = Shell(builder, "client", $"echo calls $SERVER with \"$0\" \"$1\"; {Forever}")
            .WithArgs("first argument", ReferenceExpression.Create($"{server.GetEndpoint("http").Property(EndpointProperty.Scheme)}"))
            .WithEnvironment("SERVER", server.GetEndpoint("http"));

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);

        var url = app.GetEndpoint("server", "http");
        await OutputAsync(app, server.Resource, "listens on ", deadline.Token);
        await OutputAsync(app, client.Resource, $"calls {url.ToString().TrimEnd('/')} with first argument http", deadline.Token);
    }

    [Fact]
    public async Task A_program_that_is_not_there_fails_to_start_and_harms_nobody()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddExecutable("missing", "no-such-program-anywhere", ".");
        Shell(builder, "service", Forever);

        using CancellationTokenSource deadline = new(Deadline);
        await using var app = await builder.BuildAsync(deadline.Token);
        await app.StartAsync(deadline.Token);

        await app.ResourceNotifications.WaitForResourceAsync("missing", KnownResourceStates.FailedToStart, deadline.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("service", deadline.Token);
    }

    private static IResourceBuilder<ExecutableResource> Shell(IDistributedApplicationBuilder builder, string name, string script) =>
        builder.AddExecutable(name, "/bin/sh", "/", "-c", script);

    private static async Task OutputAsync(DistributedApplication app, ExecutableResource resource, string text, CancellationToken cancellationToken)
    {
        List<string> seen = [];
        try
        {
            await foreach (var lines in app.Services.GetRequiredService<ResourceLoggerService>()
                .WatchAsync(resource).WithCancellation(cancellationToken))
            {
                seen.AddRange(lines.Select(line => line.Content));
                if (seen.Exists(line => line.Contains(text, StringComparison.Ordinal)))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what came instead.
        }

        Assert.Fail($"'{resource.Name}' did not say '{text}' but: {string.Join(" | ", seen)}");
    }
}
