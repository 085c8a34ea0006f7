namespace Aspire.Hosting.Testing;

/// <summary>Describes an application for a test.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>The application as described by its entry point and the test.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
