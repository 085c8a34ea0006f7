using System.Reflection;
using LogPartitioning.ServiceDefaults.Access;
using Microsoft.Extensions.DependencyInjection;

namespace LogPartitioning.ServiceDefaults;

/// <summary>The service's OpenAPI document.</summary>
internal static class OpenApi
{
    public static void AddOpenApiDocument(this IServiceCollection services) =>
        services.AddOpenApi(options =>
        {
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info = new()
                {
                    Title = Assembly.GetEntryAssembly()?.GetName().Name?.Replace('.', ' ') ?? "LogPartitioning",
                    Version = "v1",
                };
                return Task.CompletedTask;
            });
            options.AddAccess();
        });
}
