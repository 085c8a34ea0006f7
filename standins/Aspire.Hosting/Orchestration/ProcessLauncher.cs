using System.Reflection;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Turns a project or program, its arguments and its variables into a process.</summary>
internal sealed class ProcessLauncher(
    DistributedApplicationExecutionContext context,
    DistributedApplicationOptions options,
    ProcessSpawner spawner,
    ResourceLoggerService loggers)
{
    /// <summary>Starts the process of a resource.</summary>
    /// <exception cref="DistributedApplicationException">It cannot be started; the message says why.</exception>
    public async Task<(ChildProcess Process, IReadOnlyList<KeyValuePair<string, string>> Environment)> StartAsync(
        IResource resource, CancellationToken cancellationToken)
    {
        var replicas = resource.GetReplicaCount();
        if (replicas != 1)
        {
            throw new DistributedApplicationException(
                $"'{resource.Name}' asks for {replicas} replicas behind one address. That needs the proxy of the package; add a resource for each instead.");
        }

        var configuration = await ExecutionConfigurationBuilder.Create(resource)
            .WithArgumentsConfig()
            .WithEnvironmentVariablesConfig()
            .BuildAsync(context, loggers.GetLogger(resource), cancellationToken);
        if (configuration.Exception is { } problem)
        {
            var inner = problem is AggregateException { InnerExceptions: [var only] } ? only : problem;
            throw new DistributedApplicationException(inner.Message, inner);
        }

        var arguments = configuration.Arguments.Select(argument => argument.Value).ToList();
        var (program, before, directory) = resource switch
        {
            ProjectResource project => ProjectCommand(project),
            ExecutableResource executable => ExecutableCommand(executable),
            _ => throw new DistributedApplicationException($"'{resource.Name}' is neither a project nor a program."),
        };

        var environment = configuration.EnvironmentVariables.ToList();
        var process = await spawner.StartAsync(
            program, [.. before, .. arguments], directory, environment, (line, isError) => loggers.Write(resource.Name, line, isError));
        return (process, environment);
    }

    private static (string, IReadOnlyList<string>, string) ExecutableCommand(ExecutableResource executable)
    {
        var directory = executable.WorkingDirectory;
        return Directory.Exists(directory)
            ? (ExecutableSearch.Resolve(executable.Command, directory), [], directory)
            : throw new DistributedApplicationException($"The working directory '{directory}' does not exist.");
    }

    // What was built with the AppHost, in its configuration, without `dotnet run` in between: one process to signal.
    private (string, IReadOnlyList<string>, string) ProjectCommand(ProjectResource project)
    {
        var path = project.GetProjectMetadata().ProjectPath;
        var directory = Path.GetDirectoryName(path)!;
        var name = Path.GetFileNameWithoutExtension(path);
        var appHost = options.AssemblyName is { } assembly ? Assembly.Load(assembly) : Assembly.GetEntryAssembly();
        var build = appHost?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var output = Path.Combine(directory, "bin", build);
        var library = Directory.Exists(output)
            ? Directory.EnumerateDirectories(output, "net*")
                .Select(framework => Path.Combine(framework, $"{name}.dll"))
                .Where(File.Exists)
                .MaxBy(File.GetLastWriteTimeUtc)
            : null;
        return library is null
            ? throw new DistributedApplicationException($"'{name}' has not been built: there is no '{name}.dll' under '{output}'. Run 'dotnet build'.")
            : (Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : ExecutableSearch.Resolve("dotnet", directory), [library], directory);
    }
}
