using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds connection strings made of other values.</summary>
public static class ConnectionStringBuilderExtensions
{
    /// <summary>Adds a connection string that is known when the resources it names have started.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, ReferenceExpression connectionStringExpression)
    {
        var added = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));
        foreach (var resource in ReferencedBy(connectionStringExpression).DistinctBy(resource => resource.Name))
        {
            added.WaitForStart(builder.CreateResourceBuilder(resource));
        }

        return added
            .WithReferenceRelationship(connectionStringExpression)
            .WithInitialState(new()
            {
                ResourceType = "ConnectionString",
                State = KnownResourceStates.NotStarted,
                Properties = [],
            })
            .OnInitializeResource(async (resource, initialize, cancellationToken) =>
            {
                try
                {
                    await initialize.Eventing.PublishAsync(
                        new BeforeResourceStartedEvent(resource, initialize.Services), cancellationToken);
                    await initialize.Notifications.PublishUpdateAsync(
                        resource, snapshot => snapshot with { State = KnownResourceStates.Running });
                    await initialize.Eventing.PublishAsync(
                        new ConnectionStringAvailableEvent(resource, initialize.Services), cancellationToken);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    HostingLog.FailedToStart(initialize.Logger, e, resource.Name);
                    await initialize.Notifications.PublishUpdateAsync(
                        resource, snapshot => snapshot with { State = KnownResourceStates.FailedToStart });
                }
            });
    }

    /// <summary>Adds a connection string that is known when the resources it names have started.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        ReferenceExpressionBuilder expression = new();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }

    // Directly, or one step away: an endpoint's owner. What lies deeper waits for itself.
    private static IEnumerable<IResource> ReferencedBy(ReferenceExpression expression) =>
        expression.ValueProviders.SelectMany(value => value switch
        {
            IResource resource => [resource],
            IValueWithReferences references => references.References.OfType<IResource>(),
            _ => [],
        });
}

/// <summary>Describes resources of other kinds.</summary>
public static class CustomResourceExtensions
{
    /// <summary>Sets the state in which a resource begins.</summary>
    public static IResourceBuilder<TResource> WithInitialState<TResource>(
        this IResourceBuilder<TResource> builder, CustomResourceSnapshot initialSnapshot)
        where TResource : IResource =>
        builder.WithAnnotation(new ResourceSnapshotAnnotation(initialSnapshot), ResourceAnnotationMutationBehavior.Replace);
}
