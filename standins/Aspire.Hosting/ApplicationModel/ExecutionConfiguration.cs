using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Finds the arguments and variables with which a resource runs.</summary>
public interface IExecutionConfigurationBuilder
{
    /// <summary>Adds something that contributes.</summary>
    IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer);

    /// <summary>Asks everything that contributes, and every value.</summary>
    Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext,
        ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default);
}

/// <summary>Contributes to the arguments and variables.</summary>
public interface IExecutionConfigurationGatherer
{
    /// <summary>Adds its part.</summary>
    ValueTask GatherAsync(
        IExecutionConfigurationGathererContext context,
        IResource resource,
        ILogger resourceLogger,
        DistributedApplicationExecutionContext executionContext,
        CancellationToken cancellationToken = default);
}

/// <summary>The arguments and variables while they are put together.</summary>
public interface IExecutionConfigurationGathererContext
{
    /// <summary>The arguments.</summary>
    List<object> Arguments { get; }

    /// <summary>The variables.</summary>
    Dictionary<string, object> EnvironmentVariables { get; }
}

/// <summary>The arguments and variables with which a resource runs.</summary>
public interface IExecutionConfigurationResult
{
    /// <summary>The arguments.</summary>
    IEnumerable<(string Value, bool IsSensitive)> Arguments { get; }

    /// <summary>The variables.</summary>
    IEnumerable<KeyValuePair<string, string>> EnvironmentVariables { get; }

    /// <summary>What went wrong with values that could not be found.</summary>
    Exception? Exception { get; }
}

/// <inheritdoc/>
public sealed class ExecutionConfigurationBuilder : IExecutionConfigurationBuilder
{
    private readonly IResource _resource;
    private readonly List<IExecutionConfigurationGatherer> _gatherers = [];

    internal ExecutionConfigurationBuilder(IResource resource) => _resource = resource;

    /// <summary>For a resource.</summary>
    public static IExecutionConfigurationBuilder Create(IResource resource) => new ExecutionConfigurationBuilder(resource);

    /// <inheritdoc/>
    public IExecutionConfigurationBuilder AddExecutionConfigurationGatherer(IExecutionConfigurationGatherer gatherer)
    {
        _gatherers.Add(gatherer);
        return this;
    }

    /// <inheritdoc/>
    public async Task<IExecutionConfigurationResult> BuildAsync(
        DistributedApplicationExecutionContext executionContext,
        ILogger? resourceLogger = null,
        CancellationToken cancellationToken = default)
    {
        Context context = new();
        foreach (var gatherer in _gatherers)
        {
            await gatherer.GatherAsync(
                context, _resource, resourceLogger ?? NullLogger.Instance, executionContext, cancellationToken);
        }

        List<Exception> problems = [];
        List<(string, bool)> arguments = [];
        foreach (var argument in context.Arguments)
        {
            if (await ResolveAsync(argument) is { } value)
            {
                arguments.Add((value, IsSecret(argument)));
            }
        }

        List<KeyValuePair<string, string>> variables = [];
        foreach (var (name, unresolved) in context.EnvironmentVariables)
        {
            if (await ResolveAsync(unresolved) is { } value)
            {
                variables.Add(new(name, value));
            }
        }

        return new Result(arguments, variables, problems.Count == 0 ? null : new AggregateException(problems));

        async Task<string?> ResolveAsync(object? value)
        {
            try
            {
                return value switch
                {
                    null => null,
                    string text => text,
                    IResourceBuilder<IResource> { Resource: IValueProvider provider } => await AskAsync(provider),
                    IValueProvider provider => await AskAsync(provider),
                    _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture),
                };
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                problems.Add(e);
                return null;
            }
        }

        ValueTask<string?> AskAsync(IValueProvider provider) =>
            provider.GetValueAsync(new ValueProviderContext { ExecutionContext = executionContext, Caller = _resource }, cancellationToken);
    }

    private static bool IsSecret(object value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        IResourceBuilder<ParameterResource> builder => builder.Resource.Secret,
        IValueWithReferences references => references.References.Any(IsSecret),
        _ => false,
    };

    private sealed class Context : IExecutionConfigurationGathererContext
    {
        public List<object> Arguments { get; } = [];

        public Dictionary<string, object> EnvironmentVariables { get; } = [];
    }

    private sealed record Result(
        IEnumerable<(string Value, bool IsSensitive)> Arguments,
        IEnumerable<KeyValuePair<string, string>> EnvironmentVariables,
        Exception? Exception) : IExecutionConfigurationResult;
}

/// <summary>What can contribute to arguments and variables.</summary>
public static class ExecutionConfigurationBuilderExtensions
{
    /// <summary>The resource's own arguments.</summary>
    public static IExecutionConfigurationBuilder WithArgumentsConfig(this IExecutionConfigurationBuilder builder) =>
        builder.AddExecutionConfigurationGatherer(new ArgumentsGatherer());

    /// <summary>The resource's own variables.</summary>
    public static IExecutionConfigurationBuilder WithEnvironmentVariablesConfig(this IExecutionConfigurationBuilder builder) =>
        builder.AddExecutionConfigurationGatherer(new EnvironmentGatherer());

    private sealed class ArgumentsGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(
            IExecutionConfigurationGathererContext context,
            IResource resource,
            ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext,
            CancellationToken cancellationToken = default)
        {
            CommandLineArgsCallbackContext callbackContext = new(context.Arguments, resource, cancellationToken)
            {
                ExecutionContext = executionContext,
                Logger = resourceLogger,
            };
            foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
            {
                await annotation.Callback(callbackContext);
            }
        }
    }

    private sealed class EnvironmentGatherer : IExecutionConfigurationGatherer
    {
        public async ValueTask GatherAsync(
            IExecutionConfigurationGathererContext context,
            IResource resource,
            ILogger resourceLogger,
            DistributedApplicationExecutionContext executionContext,
            CancellationToken cancellationToken = default)
        {
            EnvironmentCallbackContext callbackContext = new(executionContext, resource, context.EnvironmentVariables, cancellationToken)
            {
                Logger = resourceLogger,
            };
            foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
            {
                await annotation.Callback(callbackContext);
            }
        }
    }
}
