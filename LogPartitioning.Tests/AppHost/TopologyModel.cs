using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LogPartitioning.AppHost.Resources;

namespace LogPartitioning.Tests.AppHost;

/// <summary>The AppHost's model, built without starting anything.</summary>
internal sealed class TopologyModel : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly IDistributedApplicationTestingBuilder _builder;
    private readonly IReadOnlyList<IResource> _resources;

    private TopologyModel(IDistributedApplicationTestingBuilder builder)
    {
        _builder = builder;
        _resources = [.. builder.Resources];
    }

    public IReadOnlyList<IResource> Resources => _resources;

    public IEnumerable<string> ResourceNames => _resources.Select(resource => resource.Name);

    /// <summary>The resources that start with the application, without Aspire's own.</summary>
    public IEnumerable<string> StartedNames => _resources
        .Where(resource => !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any() && !resource.IsAddedByAspire())
        .Select(resource => resource.Name);

    /// <summary>The application as it would start with these arguments.</summary>
    public static async Task<TopologyModel> BuildAsync(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        return new TopologyModel(await DistributedApplicationTestingBuilder.CreateAsync<Projects.LogPartitioning_AppHost>([.. arguments, "--CheckOnly=true", "--hostBuilder:reloadConfigOnChange=false"], patience.Token));
    }

    public IResource Resource(string name) => _resources.Single(resource => resource.Name == name);

    /// <summary>What a resource's environment says, with endpoints and parameters still by name: <c>{kafka-1.bindings.tcp.port}</c>.</summary>
    public async Task<Dictionary<string, string>> EnvironmentAsync(string name)
    {
        using var patience = new CancellationTokenSource(Patience);
        var resource = Resource(name);

        // As for publishing: where nothing runs, endpoints have no addresses to wait for.
        var context = new EnvironmentCallbackContext(
            new DistributedApplicationExecutionContext(DistributedApplicationOperation.Publish), resource, [], patience.Token);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        return context.EnvironmentVariables.ToDictionary(
            variable => variable.Key,
            variable => variable.Value is IManifestExpressionProvider expression ? expression.ValueExpression : variable.Value.ToString() ?? "");
    }

    /// <summary>The resources that must be there before this one starts.</summary>
    public IEnumerable<string> WaitsFor(string name) =>
        Resource(name).Annotations.OfType<WaitAnnotation>()
            .Where(wait => wait.WaitType is WaitType.WaitUntilHealthy or WaitType.WaitUntilStarted)
            .Select(wait => wait.Resource.Name)
            .Distinct();

    public ContainerImageAnnotation Image(string name) => Resource(name).Annotations.OfType<ContainerImageAnnotation>().Last();

    public IReadOnlyList<ContainerMountAnnotation> Mounts(string name) => [.. Resource(name).Annotations.OfType<ContainerMountAnnotation>()];

    public ValueTask DisposeAsync() => _builder.DisposeAsync();
}
