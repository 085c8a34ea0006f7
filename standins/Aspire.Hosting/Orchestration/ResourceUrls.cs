using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Orchestration;

/// <summary>Puts together where a resource can be visited.</summary>
internal static class ResourceUrls
{
    public static async Task PublishAsync(
        IResource resource,
        DistributedApplicationExecutionContext context,
        ResourceNotificationService notifications,
        ResourceLoggerService loggers,
        CancellationToken cancellationToken)
    {
        List<ResourceUrlAnnotation> urls = [.. resource.Annotations.OfType<ResourceUrlAnnotation>()];
        if (resource is IResourceWithEndpoints owner)
        {
            urls.AddRange(owner.GetEndpoints().Where(endpoint => endpoint.IsAllocated)
                .Select(endpoint => new ResourceUrlAnnotation { Url = endpoint.Url, Endpoint = endpoint }));
        }

        ResourceUrlsCallbackContext callbacks = new(context, resource, urls, cancellationToken) { Logger = loggers.GetLogger(resource) };
        foreach (var callback in resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>().ToList())
        {
            await callback.Callback(callbacks);
        }

        await notifications.PublishUpdateAsync(resource, snapshot => snapshot with
        {
            Urls = [.. urls.Select(url => new UrlSnapshot(url.Endpoint?.EndpointName, url.Url, url.DisplayLocation == UrlDisplayLocation.DetailsOnly)
            {
                IsInactive = url.Endpoint is not null,
                DisplayProperties = new(url.DisplayText ?? "", url.DisplayOrder ?? 0),
            })],
        });
    }

    public static string GetAppHostDirectory(this IServiceProvider services) =>
        services.GetRequiredService<IConfiguration>()["AppHost:Directory"] ?? "";
}
