using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Describes an application.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The settings.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>The directory of the AppHost project.</summary>
    string AppHostDirectory { get; }

    /// <summary>The assembly of the AppHost project.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>Development or production.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The events.</summary>
    IDistributedApplicationEventing Eventing { get; }

    /// <summary>What the application is built for.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources so far.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <exception cref="DistributedApplicationException">There is one of that name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>Describes a resource further, without adding it.</summary>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    /// <summary>The application as described.</summary>
    DistributedApplication Build();
}

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>The command line.</summary>
    public string[]? Args { get; set; }

    /// <summary>The assembly of the AppHost project; by default the one that was started.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>The directory of the AppHost project; by default the one it was built from.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>No dashboard; there is none here anyway. Resources that cannot run then end the waiting for them.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>Resources' output goes to the application's log too.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>Endpoints may lack TLS.</summary>
    public bool AllowUnsecuredTransport { get; set; }
}
