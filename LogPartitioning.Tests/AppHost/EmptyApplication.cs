using Aspire.Hosting;

namespace LogPartitioning.Tests.AppHost;

/// <summary>An application of no resources, to try one part of the AppHost in.</summary>
internal static class EmptyApplication
{
    public static IDistributedApplicationBuilder Builder(params string[] arguments) => DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        Args = arguments,
        DisableDashboard = true,
        AssemblyName = typeof(Projects.LogPartitioning_AppHost).Assembly.GetName().Name,
    });
}
