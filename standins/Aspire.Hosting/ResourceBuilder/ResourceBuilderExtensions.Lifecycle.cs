using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Waits until another resource is healthy before this one starts.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilHealthy, null);

    /// <summary>Waits until another resource is healthy before this one starts.</summary>
    public static IResourceBuilder<T> WaitFor<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilHealthy, waitBehavior);

    /// <summary>Waits until another resource runs before this one starts.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilStarted, null);

    /// <summary>Waits until another resource runs before this one starts.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitUntilStarted, waitBehavior);

    /// <summary>Waits until another resource has ended before this one starts.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(
        this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => builder.Wait(dependency.Resource, WaitType.WaitForCompletion, null, exitCode);

    /// <summary>Starts the resource on command, not with the application.</summary>
    public static IResourceBuilder<T> WithExplicitStart<T>(this IResourceBuilder<T> builder)
        where T : IResource => builder.WithAnnotation(new ExplicitStartupAnnotation());

    /// <summary>Adds something that the resource can be told to do, in the place of what had that name.</summary>
    public static IResourceBuilder<T> WithCommand<T>(
        this IResourceBuilder<T> builder,
        string name,
        string displayName,
        Func<ExecuteCommandContext, Task<ExecuteCommandResult>> executeCommand,
        CommandOptions? commandOptions = null)
        where T : IResource
    {
        foreach (var known in builder.Resource.Annotations.OfType<ResourceCommandAnnotation>().Where(command => command.Name == name).ToList())
        {
            builder.Resource.Annotations.Remove(known);
        }

        return builder.WithAnnotation(new ResourceCommandAnnotation(
            name,
            displayName,
            commandOptions?.UpdateState ?? (_ => ResourceCommandState.Enabled),
            executeCommand,
            commandOptions?.Description));
    }

    /// <summary>Adds a place where the resource can be visited; a relative one changes those of its endpoints.</summary>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, string url, string? displayText = null)
        where T : IResource
    {
        if (!url.StartsWith('/') && Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            return builder.WithAnnotation(new ResourceUrlAnnotation { Url = url, DisplayText = displayText });
        }

        return builder.WithUrls(context =>
        {
            foreach (var known in context.Urls)
            {
                known.Url = new Uri(new Uri(known.Url), url).ToString();
                known.DisplayText = displayText ?? known.DisplayText;
            }
        });
    }

    /// <summary>Adds a place where the resource can be visited.</summary>
    public static IResourceBuilder<T> WithUrl<T>(
        this IResourceBuilder<T> builder, in ReferenceExpression.ExpressionInterpolatedStringHandler url, string? displayText = null)
        where T : IResource => builder.WithUrl(url.Build(), displayText);

    /// <summary>Adds a place where the resource can be visited.</summary>
    public static IResourceBuilder<T> WithUrl<T>(this IResourceBuilder<T> builder, ReferenceExpression url, string? displayText = null)
        where T : IResource => builder.WithUrls(async context =>
        {
            if (await url.GetValueAsync(context.CancellationToken) is { Length: > 0 } value)
            {
                context.Urls.Add(new()
                {
                    Url = value,
                    DisplayText = displayText,
                    Endpoint = url.ValueProviders.OfType<EndpointReference>().FirstOrDefault(),
                });
            }
        });

    /// <summary>Changes the places where the resource can be visited.</summary>
    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Action<ResourceUrlsCallbackContext> callback)
        where T : IResource => builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));

    /// <summary>Changes the places where the resource can be visited.</summary>
    public static IResourceBuilder<T> WithUrls<T>(this IResourceBuilder<T> builder, Func<ResourceUrlsCallbackContext, Task> callback)
        where T : IResource => builder.WithAnnotation(new ResourceUrlsCallbackAnnotation(callback));

    /// <summary>Changes the URL of an endpoint.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Action<ResourceUrlAnnotation> callback)
        where T : IResource => builder.WithUrls(context =>
        {
            if (context.Urls.Find(url => url.Endpoint?.EndpointName == endpointName) is { } url)
            {
                callback(url);
            }
            else
            {
                HostingLog.NoEndpointForUrl(context.Logger, context.Resource.Name, endpointName);
            }
        });

    /// <summary>Adds a URL for an endpoint.</summary>
    public static IResourceBuilder<T> WithUrlForEndpoint<T>(
        this IResourceBuilder<T> builder, string endpointName, Func<EndpointReference, ResourceUrlAnnotation> callback)
        where T : IResourceWithEndpoints => builder.WithUrls(context =>
        {
            if (builder.GetEndpoint(endpointName) is { Exists: true } endpoint)
            {
                var url = callback(endpoint);
                context.Urls.Add(new()
                {
                    Url = url.Url,
                    DisplayText = url.DisplayText,
                    DisplayOrder = url.DisplayOrder,
                    DisplayLocation = url.DisplayLocation,
                    Endpoint = endpoint,
                });
            }
            else
            {
                HostingLog.NoEndpointForUrl(context.Logger, context.Resource.Name, endpointName);
            }
        });

    private static IResourceBuilder<T> Wait<T>(
        this IResourceBuilder<T> builder,
        IResource dependency,
        WaitType type,
        WaitBehavior? behavior,
        int exitCode = 0,
        bool show = true)
        where T : IResourceWithWaitSupport
    {
        if (ReferenceEquals(builder.Resource, dependency))
        {
            throw new DistributedApplicationException($"The '{builder.Resource.Name}' resource cannot wait for itself.");
        }

        if (builder.Resource is IResourceWithParent child && child.Parent == dependency)
        {
            throw new DistributedApplicationException(
                $"The '{builder.Resource.Name}' resource cannot wait for its parent '{dependency.Name}'.");
        }

        if (type != WaitType.WaitForCompletion)
        {
            // A part of a server, or a connection string, may have no health of its own: wait for what is behind it too.
            if (dependency is IResourceWithParent { Parent: var parent })
            {
                builder.Wait(parent, type, behavior, show: false);
            }

            if (dependency is ConnectionStringResource { ConnectionStringExpression.ValueProviders: var values })
            {
                foreach (var behind in values.OfType<IResource>().Where(behind => behind is not ParameterResource))
                {
                    builder.Wait(behind, type, behavior, show: false);
                }
            }
        }

        if (show)
        {
            builder.WithRelationship(dependency, "WaitFor");
        }

        return builder.WithAnnotation(new WaitAnnotation(dependency, type, exitCode) { WaitBehavior = behavior });
    }
}
