using System.Globalization;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LogPartitioning.AppHost.Resources;
using LogPartitioning.AppHost.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace LogPartitioning.Tests.Integration;

/// <summary>The whole application on real servers of this machine, on random ports, with a data folder of its own.</summary>
public sealed class RunningApplication : IAsyncDisposable
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(1);
    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly bool _ownsData;
    private readonly Dictionary<string, HttpClient> _clients = [];
    private NpgsqlDataSource? _logs;

    private RunningApplication(IDistributedApplicationTestingBuilder builder, DistributedApplication application, string dataPath, bool ownsData)
    {
        _builder = builder;
        _ownsData = ownsData;
        Application = application;
        DataPath = dataPath;
    }

    /// <summary>The application, for what the members here do not cover.</summary>
    public DistributedApplication Application { get; }

    /// <summary>Where the servers keep their data.</summary>
    public string DataPath { get; }

    /// <summary>The gateway's HTTP API.</summary>
    public HttpClient Gateway => Client("gateway");

    /// <summary>The producer's HTTP API.</summary>
    public HttpClient Producer => Client("producer");

    /// <summary>The event store.</summary>
    public NpgsqlDataSource Logs => _logs ?? throw new InvalidOperationException("The application has not started.");

    /// <summary>The brokers, a comma between them.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>Redis.</summary>
    public string Redis { get; private set; } = "";

    /// <summary>The names of the consumer instances.</summary>
    public IReadOnlyList<string> Consumers { get; private set; } = [];

    /// <summary>Starts an application and waits until every resource of it is healthy.</summary>
    /// <exception cref="TimeoutException">Some resource is not healthy in time; the message names its state and its last output.</exception>
    public static async Task<RunningApplication> StartAsync(ApplicationOptions options, CancellationToken cancellationToken = default)
    {
        var dataPath = options.DataPath ?? Directory.CreateTempSubdirectory("log-partitioning-").FullName;
        string[] arguments =
        [
            "--Infrastructure:Mode=Processes",
            $"--Infrastructure:DataPath={dataPath}",
            "--Ports:Random=true",
            "--hostBuilder:reloadConfigOnChange=false",
            string.Create(CultureInfo.InvariantCulture, $"--ConsumerReplicas={options.ConsumerReplicas}"),
            .. options.Settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        ];
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.LogPartitioning_AppHost>(arguments, cancellationToken);
        // The resources' own output would drown that of the tests.
        builder.Services.AddLogging(logging => logging.AddFilter("LogPartitioning.AppHost.Resources", LogLevel.None));
        var application = await builder.BuildAsync(cancellationToken);
        var running = new RunningApplication(builder, application, dataPath, options.DataPath is null);
        try
        {
            // The start ends only when everything has started; what it hangs on, the waiting tells.
            var start = application.StartAsync(cancellationToken);
            await running.WaitUntilAllHealthyAsync(options.StartTimeout, cancellationToken);
            await start;
            running.Consumers = [.. running.ResourceNames.Where(name => name.StartsWith("consumer-", StringComparison.Ordinal))];
            running.BootstrapServers = await application.GetConnectionStringAsync("kafka", cancellationToken) ?? "";
            running.Redis = await application.GetConnectionStringAsync("redis", cancellationToken) ?? "";
            running._logs = NpgsqlDataSource.Create(await application.GetConnectionStringAsync("logs", cancellationToken) ?? "");
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>An HTTP client of a service; the same one for each call.</summary>
    public HttpClient Client(string resource)
    {
        lock (_clients)
        {
            if (!_clients.TryGetValue(resource, out var client))
            {
                client = Application.CreateHttpClient(resource, "http");
                client.Timeout = TimeSpan.FromMinutes(1);
                _clients.Add(resource, client);
            }

            return client;
        }
    }

    /// <summary>Stops a resource as an operator would, and waits until it is down.</summary>
    public async Task StopAsync(string resource)
    {
        using var timeout = new CancellationTokenSource(CommandTimeout);
        if (resource.StartsWith("consumer-", StringComparison.Ordinal))
        {
            await CommandAsync("consumers", ScalingCommands.Stop, timeout.Token, (ScalingCommands.Consumer, resource));
        }
        else
        {
            await CommandAsync(resource, KnownResourceCommands.StopCommand, timeout.Token);
        }

        await Application.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates, timeout.Token);
    }

    /// <summary>Starts a resource that is down, and waits until it is healthy.</summary>
    public async Task StartAsync(string resource)
    {
        using var timeout = new CancellationTokenSource(CommandTimeout);
        await CommandAsync(resource, KnownResourceCommands.StartCommand, timeout.Token);
        await Application.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, timeout.Token);
    }

    /// <summary>Starts every resource that is down, and waits until all are healthy.</summary>
    public async Task StartAllAsync(TimeSpan timeout)
    {
        foreach (var resource in ResourceNames.Where(name => State(name) is { } state && KnownResourceStates.TerminalStates.Contains(state)))
        {
            await StartAsync(resource);
        }

        await WaitUntilAllHealthyAsync(timeout, CancellationToken.None);
    }

    /// <summary>Waits until a resource is healthy, for example after it was started again by itself.</summary>
    public async Task WaitUntilHealthyAsync(string resource, TimeSpan timeout)
    {
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            await Application.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{resource} was not healthy after {timeout.TotalSeconds:0} s: {Describe(resource)}");
        }
    }

    /// <summary>The process id of a resource: of the service, the broker, Redis; for <c>postgres</c> that of the server, not of its script.</summary>
    /// <exception cref="InvalidOperationException">The resource is not running.</exception>
    public int ProcessId(string resource) =>
        ProcessIdOrNull(resource) ?? throw new InvalidOperationException($"{resource} is not running: {Describe(resource)}");

    /// <summary>As <see cref="ProcessId"/>, or null when the resource is not running.</summary>
    public int? ProcessIdOrNull(string resource)
    {
        if (resource == "postgres")
        {
            var file = Path.Combine(DataPath, "postgres", "cluster", "postmaster.pid");
            return File.Exists(file) ? int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture) : null;
        }

        // The id of the last process stays among the properties.
        var snapshot = Snapshot(resource);
        var pid = snapshot?.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
        return pid is null || snapshot?.State?.Text != KnownResourceStates.Running ? null : Convert.ToInt32(pid, CultureInfo.InvariantCulture);
    }

    /// <summary>The state of a resource, one of <see cref="KnownResourceStates"/>; null before it has one.</summary>
    public string? State(string resource) => Snapshot(resource)?.State?.Text;

    /// <summary>With what a resource exited; null while it runs.</summary>
    public int? ExitCode(string resource) => Snapshot(resource)?.ExitCode;

    /// <summary>Whether the application has this resource.</summary>
    public bool HasResource(string resource) => ResourceNames.Contains(resource);

    /// <summary>Where a resource listens.</summary>
    public int Port(string resource) =>
        Application.GetEndpoint(resource, Model(resource) is ProjectResource || resource == "prometheus" ? "http" : "tcp").Port;

    /// <summary>The state and the health of a resource, for messages.</summary>
    public string Describe(string resource)
    {
        if (Snapshot(resource) is not { } snapshot)
        {
            return "never seen";
        }

        var text = new StringBuilder(snapshot.State?.Text ?? "no state");
        if (snapshot.ExitCode is { } code)
        {
            text.Append(CultureInfo.InvariantCulture, $", exit code {code}");
        }

        foreach (var report in snapshot.HealthReports.Where(report => report.Status is not HealthStatus.Healthy))
        {
            text.Append(CultureInfo.InvariantCulture, $", {report.Name}: {report.Status} {report.Description} {report.ExceptionText}");
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }

        if (_logs is not null)
        {
            await _logs.DisposeAsync();
        }

        try
        {
            await Application.DisposeAsync();
        }
        finally
        {
            await _builder.DisposeAsync();
            if (_ownsData)
            {
                Directory.Delete(DataPath, recursive: true);
            }
        }
    }

    private IEnumerable<string> ResourceNames =>
        Application.Services.GetRequiredService<DistributedApplicationModel>().Resources
            .Where(resource => (resource is ExecutableResource or ProjectResource) && !resource.IsAddedByAspire())
            .Where(resource => !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any())
            .Select(resource => resource.Name);

    private async Task WaitUntilAllHealthyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        var names = ResourceNames.ToList();
        try
        {
            await Task.WhenAll(names.Select(name => Application.ResourceNotifications.WaitForResourceHealthyAsync(name, WaitBehavior.WaitOnResourceUnavailable, deadline.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var states = names.Select(name => $"\n  {name}: {Describe(name)}");
            throw new TimeoutException($"Not all resources were healthy after {timeout.TotalSeconds:0} s:{string.Concat(states)}");
        }
    }

    /// <summary>Runs a command of a resource, as the dashboard does.</summary>
    public async Task<ExecuteCommandResult> TryCommandAsync(
        string resource, string command, CancellationToken cancellationToken, params (string Name, string Value)[] arguments)
    {
        var inputs = arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value });
        return await Application.ResourceCommands.ExecuteCommandAsync(Model(resource), command, new InteractionInputCollection([.. inputs]), cancellationToken);
    }

    private async Task CommandAsync(
        string resource, string command, CancellationToken cancellationToken, params (string Name, string Value)[] arguments)
    {
        var result = await TryCommandAsync(resource, command, cancellationToken, arguments);
        Assert.True(result.Success, $"{command} {resource}: {result.Message}; {Describe(resource)}");
    }

    private IResource Model(string resource) =>
        Application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(candidate => candidate.Name == resource);

    private CustomResourceSnapshot? Snapshot(string resource) =>
        Application.ResourceNotifications.TryGetCurrentState(resource, out var current) ? current?.Snapshot : null;
}
