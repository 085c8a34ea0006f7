using System.Reflection;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Runs an AppHost's entry point and stops it where it builds its application, until the test says to go on.</summary>
internal sealed class EntryPointRun(
    Assembly appHost, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configure) : EntryPointObserver
{
    private readonly TaskCompletionSource<DistributedApplicationBuilder> _described = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<DistributedApplication> _built = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the entry point; returns what it described when it wants to build.</summary>
    public Task<DistributedApplicationBuilder> StartAsync(CancellationToken cancellationToken)
    {
        var main = appHost.EntryPoint
            ?? throw new InvalidOperationException($"Assembly of specified type {appHost.GetName().Name} does not have an entry point.");
        Thread thread = new(() => Run(main)) { IsBackground = true, Name = $"{appHost.GetName().Name} entry point" };
        thread.Start();
        return _described.Task.WaitAsync(cancellationToken);
    }

    /// <summary>A builder as a test has it, without an entry point.</summary>
    public DistributedApplicationBuilder Describe()
    {
        var before = Current;
        Current = new Settings(this);
        try
        {
            return new(new DistributedApplicationOptions());
        }
        finally
        {
            Current = before;
        }
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return _built.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Lets the entry point end, whatever it waits for.</summary>
    public void Abandon()
    {
        _mayBuild.TrySetCanceled();
        GiveUp();
    }

    public override void Constructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.Args = [.. options.Args ?? [], .. args];
        options.AssemblyName = settings.ApplicationName = appHost.GetName().Name;
        options.DisableDashboard = true;
        options.ProjectDirectory ??= appHost.GetCustomAttributes<AssemblyMetadataAttribute>()
            .FirstOrDefault(attribute => attribute.Key == "apphostprojectpath")?.Value;
        settings.Args = options.Args;
        settings.Configuration = new();
        settings.Configuration.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true")]);
        if (Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") is null)
        {
            settings.EnvironmentName = Environments.Development;
        }

        configure(options, settings);
        settings.Args = options.Args;
    }

    public override void Constructed(DistributedApplicationBuilder builder)
    {
    }

    public override void Building(DistributedApplicationBuilder builder)
    {
        _described.TrySetResult(builder);
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public override void Built(DistributedApplication application) => _built.TrySetResult(application);

    private void Run(MethodInfo main)
    {
        Current = this;
        try
        {
            var result = main.Invoke(null, main.GetParameters().Length == 0 ? null : [args]);
            (result as Task)?.GetAwaiter().GetResult();
            End(new InvalidOperationException("The entry point exited without building and starting a DistributedApplication."));
        }
        catch (TargetInvocationException e)
        {
            End(e.InnerException ?? e);
        }
        catch (Exception e)
        {
            End(e);
        }
    }

    private void End(Exception exception)
    {
        _described.TrySetException(exception);
        _built.TrySetException(exception);
        EndedEarly(exception);

        // Not everybody asks for each of these.
        _ = _described.Task.Exception;
        _ = _built.Task.Exception;
    }

    // Passes on the settings of a test and watches nothing else.
    private sealed class Settings(EntryPointRun run) : EntryPointObserver
    {
        public override void Constructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings) =>
            run.Constructing(options, settings);

        public override void Constructed(DistributedApplicationBuilder builder)
        {
        }

        public override void Building(DistributedApplicationBuilder builder)
        {
        }

        public override void Built(DistributedApplication application)
        {
        }

        // No entry point starts it: the test itself does.
        public override Task StartAsync(Func<CancellationToken, Task> start, CancellationToken cancellationToken) => start(cancellationToken);
    }
}
