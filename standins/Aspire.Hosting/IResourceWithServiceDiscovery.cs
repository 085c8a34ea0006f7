using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Can be found by its name through service discovery.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
