using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Gives the resource a connection string, <c>ConnectionStrings__name</c>, and its parts, <c>NAME_PART</c>.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="source">To what it connects.</param>
    /// <param name="connectionName">The name of the connection; by default the source's.</param>
    /// <param name="optional">The connection string may be missing.</param>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder,
        IResourceBuilder<IResourceWithConnectionString> source,
        string? connectionName = null,
        bool optional = false)
        where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        connectionName ??= resource.Name;
        return builder.WithReferenceRelationship(resource).WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            variables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{connectionName}"] =
                new ConnectionStringReference(resource, optional);

            var prefix = connectionName.Length == 0 ? "" : $"{ModelName.ToVariable(connectionName).ToUpperInvariant()}_";
            foreach (var (part, value) in resource.GetConnectionProperties())
            {
                variables[prefix + part.ToUpperInvariant()] = value;
            }

            foreach (var property in resource.Annotations.OfType<ConnectionPropertyAnnotation>())
            {
                variables[prefix + property.Name.ToUpperInvariant()] = property.Value;
            }
        });
    }

    /// <summary>Lets the resource find all endpoints of another by service discovery.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.Discover(source.Resource, null, null);

    /// <summary>Lets the resource find all endpoints of another by service discovery, under a name.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment => builder.Discover(source.Resource, null, name);

    /// <summary>Lets the resource find an endpoint by service discovery.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference)
        where TDestination : IResourceWithEnvironment => builder.Discover(endpointReference.Resource, endpointReference.EndpointName, null);

    /// <summary>Names a part of a connection, beside those that the resource itself names.</summary>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithConnectionString => builder.WithAnnotation(new ConnectionPropertyAnnotation(name, value));

    /// <inheritdoc cref="WithConnectionProperty{T}(IResourceBuilder{T}, string, ReferenceExpression)"/>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, string value)
        where T : IResourceWithConnectionString =>
        builder.WithConnectionProperty(name, ReferenceExpression.Create($"{value}"));

    /// <summary>Says that the resource has to do with another.</summary>
    public static IResourceBuilder<T> WithRelationship<T>(this IResourceBuilder<T> builder, IResource resource, string type)
        where T : IResource => builder.WithAnnotation(new ResourceRelationshipAnnotation(resource, type));

    /// <summary>Says that the resource has to do with another.</summary>
    public static IResourceBuilder<T> WithRelationship<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder, string type)
        where T : IResource => builder.WithRelationship(resourceBuilder.Resource, type);

    /// <summary>Says that the resource refers to another.</summary>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, IResource resource)
        where T : IResource => builder.WithRelationship(resource, "Reference");

    /// <summary>Says that the resource refers to another.</summary>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> resourceBuilder)
        where T : IResource => builder.WithReferenceRelationship(resourceBuilder.Resource);

    /// <summary>Says that the resource refers to everything in an expression.</summary>
    public static IResourceBuilder<T> WithReferenceRelationship<T>(this IResourceBuilder<T> builder, ReferenceExpression expression)
        where T : IResource
    {
        HashSet<object> seen = [];
        Walk(expression.ValueProviders);
        return builder;

        void Walk(IEnumerable<object> values)
        {
            foreach (var value in values.Where(seen.Add))
            {
                if (value is IResource resource)
                {
                    builder.WithReferenceRelationship(resource);
                }
                else if (value is IValueWithReferences references)
                {
                    Walk(references.References);
                }
            }
        }
    }

    /// <summary>Shows the resource under another.</summary>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> parent)
        where T : IResource => builder.WithParentRelationship(parent.Resource);

    /// <summary>Shows the resource under another.</summary>
    public static IResourceBuilder<T> WithParentRelationship<T>(this IResourceBuilder<T> builder, IResource parent)
        where T : IResource => builder.WithRelationship(parent, "Parent");

    /// <summary>Shows another resource under this one.</summary>
    public static IResourceBuilder<T> WithChildRelationship<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> child)
        where T : IResource
    {
        child.WithParentRelationship(builder.Resource);
        return builder;
    }

    private static IResourceBuilder<T> Discover<T>(
        this IResourceBuilder<T> builder, IResourceWithEndpoints source, string? endpointName, string? name)
        where T : IResourceWithEnvironment
    {
        var reference = builder.Resource.Annotations.OfType<EndpointReferenceAnnotation>().SingleOrDefault(known => known.Resource == source);
        if (reference is null)
        {
            reference = new(source);
            if (builder.Resource.IsContainer())
            {
                reference.ContextNetworkId = KnownNetworkIdentifiers.DefaultAspireContainerNetwork;
            }

            // One callback adds all of the endpoints that this and later references name.
            builder.WithAnnotation(reference).WithEnvironment(context => AddEndpoints(context, reference, name));
        }

        if (endpointName is null)
        {
            reference.UseAllEndpoints = true;
        }
        else
        {
            reference.EndpointNames.Add(endpointName);
        }

        return builder.WithReferenceRelationship(source);
    }

    private static void AddEndpoints(EnvironmentCallbackContext context, EndpointReferenceAnnotation reference, string? name)
    {
        var service = name ?? reference.Resource.Name;
        var prefix = ModelName.ToVariable(name ?? reference.Resource.Name.ToUpperInvariant());
        foreach (var endpoint in reference.Resource.GetEndpoints(reference.ContextNetworkId))
        {
            if (!reference.EndpointNames.Contains(endpoint.EndpointName) && (!reference.UseAllEndpoints || endpoint.ExcludeReferenceEndpoint))
            {
                continue;
            }

            context.EnvironmentVariables[$"{prefix}_{ModelName.ToVariable(endpoint.EndpointName).ToUpperInvariant()}"] = endpoint;

            var key = endpoint.IsHttpSchemeNamedEndpoint ? endpoint.Scheme : endpoint.EndpointName;
            var index = 0;
            while (context.EnvironmentVariables.ContainsKey($"services__{service}__{key}__{index}"))
            {
                index++;
            }

            context.EnvironmentVariables[$"services__{service}__{key}__{index}"] = endpoint;
        }
    }
}
