using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.Tests.Topology;

/// <summary>Builds the AppHost's model without starting anything, and reads it.</summary>
internal static class ModelReading
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The application as it would start with these arguments.</summary>
    public static async Task<DistributedApplication> BuildAsync(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.LogPartitioning_AppHost>(arguments, patience.Token);
        return await builder.BuildAsync(patience.Token);
    }

    public static IResource Resource(this DistributedApplication application, string name) =>
        application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == name);

    public static IEnumerable<string> ResourceNames(this DistributedApplication application) =>
        application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Select(resource => resource.Name);

    /// <summary>What a resource's environment says, with endpoints and parameters still by name: <c>{kafka-1.bindings.tcp.port}</c>.</summary>
    public static async Task<Dictionary<string, string>> EnvironmentAsync(this DistributedApplication application, string name)
    {
        using var patience = new CancellationTokenSource(Patience);
        var resource = application.Resource(name);
        var context = new EnvironmentCallbackContext(
            application.Services.GetRequiredService<DistributedApplicationExecutionContext>(), resource, [], patience.Token);
        foreach (var callback in resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
        {
            await callback.Callback(context);
        }

        return context.EnvironmentVariables.ToDictionary(
            variable => variable.Key,
            variable => variable.Value is IManifestExpressionProvider expression ? expression.ValueExpression : variable.Value.ToString() ?? "");
    }

    /// <summary>The resources that must be healthy before this one starts.</summary>
    public static IEnumerable<string> WaitsFor(this DistributedApplication application, string name) =>
        application.Resource(name).Annotations.OfType<WaitAnnotation>()
            .Where(wait => wait.WaitType == WaitType.WaitUntilHealthy)
            .Select(wait => wait.Resource.Name)
            .Distinct();

    public static ContainerImageAnnotation Image(this DistributedApplication application, string name) =>
        application.Resource(name).Annotations.OfType<ContainerImageAnnotation>().Last();

    public static IReadOnlyList<ContainerMountAnnotation> Mounts(this DistributedApplication application, string name) =>
        [.. application.Resource(name).Annotations.OfType<ContainerMountAnnotation>()];
}
