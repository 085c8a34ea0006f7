using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.UserSecrets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <inheritdoc/>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // The services' own 30 s to drain, then the servers they drain into.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(45);

    private readonly HostApplicationBuilder _host;
    private readonly DistributedApplicationExecutionContextOptions _contextOptions;
    private readonly EntryPointObserver? _observer = EntryPointObserver.Current;

    /// <summary>Describes an application.</summary>
    /// <param name="args">The command line.</param>
    public DistributedApplicationBuilder(string[] args)
        : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <summary>Describes an application.</summary>
    /// <param name="options">How it is built.</param>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        HostApplicationBuilderSettings settings = new() { Args = options.Args };
        _observer?.Constructing(options, settings);
        AppHostAssembly = options.AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
        AppHostDirectory = options.ProjectDirectory ?? Metadata("apphostprojectpath") ?? Directory.GetCurrentDirectory();
        settings.Args = options.Args ?? settings.Args;
        settings.ApplicationName ??= AppHostAssembly?.GetName().Name;
        settings.ContentRootPath ??= Directory.Exists(AppHostDirectory) ? AppHostDirectory : null;
        _host = new(settings);

        // As everywhere: more specific settings come later, the command line last.
        if (UserSecretsId is { } secrets && _host.Environment.IsDevelopment()
            && !_host.Configuration.Sources.OfType<Microsoft.Extensions.Configuration.Json.JsonConfigurationSource>().Any(IsSecrets))
        {
            _host.Configuration.AddUserSecrets(secrets);
        }

        _host.Configuration.AddInMemoryCollection([new("AppHost:Directory", AppHostDirectory)]);
        _contextOptions = new(DistributedApplicationOperation.Run);
        ExecutionContext = new(_contextOptions);
        RegisterServices(options);

        static bool IsSecrets(Microsoft.Extensions.Configuration.Json.JsonConfigurationSource source) => source.Path == "secrets.json";
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration => _host.Configuration;

    /// <inheritdoc/>
    public string AppHostDirectory { get; }

    /// <inheritdoc/>
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc/>
    public IHostEnvironment Environment => _host.Environment;

    /// <inheritdoc/>
    public IServiceCollection Services => _host.Services;

    /// <inheritdoc/>
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc/>
    public IResourceCollection Resources { get; } = new ResourceCollection([]);

    private string? UserSecretsId => AppHostAssembly?.GetCustomAttribute<UserSecretsIdAttribute>()?.UserSecretsId;

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        ModelName.Validate("Resource", resource.Name);
        if (Resources.TryGetByName(resource.Name, out var known))
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type '{known.GetType()}' with that name already exists. Resource names are case-insensitive.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc/>
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    /// <inheritdoc/>
    public DistributedApplication Build()
    {
        _observer?.Building(this);
        if (_observer is null)
        {
            TerminalScreen.Install();
        }

        var host = _host.Build();
        _contextOptions.ServiceProvider = host.Services;
        DistributedApplication application = new(host) { Observer = _observer };
        _observer?.Built(application);
        return application;
    }

    private string? Metadata(string key) => AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(attribute => string.Equals(attribute.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;

    private void RegisterServices(DistributedApplicationOptions options)
    {
        Services.AddSingleton(TimeProvider.System);
        Services.AddSingleton(options);
        Services.AddSingleton(new PersistedParameters(UserSecretsId));
        Services.AddSingleton(Eventing);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton<ResourceNotificationService>();
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        Services.Configure<ResourceNotificationServiceOptions>(waiting => waiting.DefaultWaitBehavior =
            options.DisableDashboard ? WaitBehavior.StopOnResourceUnavailable : WaitBehavior.WaitOnResourceUnavailable);
        Services.AddHealthChecks();
        Services.AddHttpClient();
        Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);

        Services.AddSingleton(new OutputDirectory(AppHostDirectory, isTest: Configuration.GetValue<bool>("DcpPublisher:RandomizePorts")));
        Services.AddSingleton<ProcessSpawner>();
        Services.AddSingleton<EndpointAllocator>();
        Services.AddSingleton<ProcessLauncher>();
        Services.AddSingleton<Orchestrator>();
        Services.AddHostedService<OutputFiles>();
        Services.AddHostedService<HealthMonitor>();
        Services.AddHostedService<ResourceConsole>();
        Services.AddHostedService(services => services.GetRequiredService<Orchestrator>());

        // Failing checks are shown as the resource's health, not as errors of the AppHost.
        _host.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None);
        _host.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _host.Logging.AddFilter("System.Net.Http", LogLevel.Warning);
    }
}
