using System.Globalization;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using LogPartitioning.AppHost.Resources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LogPartitioning.Tests.Application;

/// <summary>What is known of the resources of a running application.</summary>
internal static class ResourceStates
{
    /// <summary>The servers and services that start with the application.</summary>
    public static IEnumerable<string> ResourceNames(this RunningApplication application) =>
        application.Resources()
            .Where(resource => (resource is ExecutableResource or ProjectResource) && !resource.IsAddedByAspire())
            .Where(resource => !resource.Annotations.OfType<ExplicitStartupAnnotation>().Any())
            .Select(resource => resource.Name);

    extension(RunningApplication application)
    {
        /// <summary>The names of the consumer instances.</summary>
        public IReadOnlyList<string> Consumers => [.. application.ResourceNames().Where(name => name.StartsWith("consumer-", StringComparison.Ordinal))];

        /// <summary>The names of the brokers, in the order of their ids from 1.</summary>
        public IReadOnlyList<string> Brokers => [.. application.ResourceNames().Where(name => name.StartsWith("kafka-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>A resource as it was put together.</summary>
    public static IResource Resource(this RunningApplication application, string name) =>
        application.Resources().Single(resource => resource.Name == name);

    /// <summary>Where a resource listens.</summary>
    public static int Port(this RunningApplication application, string resource) =>
        application.Application.GetEndpoint(resource, application.Resource(resource) is ProjectResource || resource == "prometheus" ? "http" : "tcp").Port;

    /// <summary>The state of a resource, one of <see cref="KnownResourceStates"/>; null before it has one.</summary>
    public static string? State(this RunningApplication application, string resource) => application.Snapshot(resource)?.State?.Text;

    /// <summary>With what a resource exited; null while it runs.</summary>
    public static int? ExitCode(this RunningApplication application, string resource) => application.Snapshot(resource)?.ExitCode;

    /// <summary>The process id of a resource: of the service, the broker, Redis; for <c>postgres</c> that of the server, not of its script.</summary>
    /// <exception cref="InvalidOperationException">The resource is not running.</exception>
    public static int ProcessId(this RunningApplication application, string resource) =>
        application.ProcessIdOrNull(resource) ?? throw new InvalidOperationException($"{resource} is not running: {application.Describe(resource)}");

    /// <summary>As <see cref="ProcessId"/>, or null when the resource is not running.</summary>
    public static int? ProcessIdOrNull(this RunningApplication application, string resource)
    {
        if (resource == "postgres")
        {
            var file = Path.Combine(application.DataPath, "postgres", "cluster", "postmaster.pid");
            return File.Exists(file) ? int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture) : null;
        }

        // The id of the last process stays among the properties.
        var snapshot = application.Snapshot(resource);
        var id = snapshot?.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value;
        return id is null || snapshot?.State?.Text != KnownResourceStates.Running ? null : Convert.ToInt32(id, CultureInfo.InvariantCulture);
    }

    /// <summary>The state and the health of a resource, for messages.</summary>
    public static string Describe(this RunningApplication application, string resource)
    {
        if (application.Snapshot(resource) is not { } snapshot)
        {
            return "never seen";
        }

        var text = new StringBuilder(snapshot.State?.Text ?? "no state");
        if (snapshot.ExitCode is { } code)
        {
            text.Append(CultureInfo.InvariantCulture, $", exit code {code}");
        }

        foreach (var report in snapshot.HealthReports.Where(report => report.Status is not HealthStatus.Healthy))
        {
            text.Append(CultureInfo.InvariantCulture, $", {report.Name}: {report.Status} {report.Description} {report.ExceptionText}");
        }

        return text.ToString();
    }

    private static IEnumerable<IResource> Resources(this RunningApplication application) =>
        application.Application.Services.GetRequiredService<DistributedApplicationModel>().Resources;

    private static CustomResourceSnapshot? Snapshot(this RunningApplication application, string resource) =>
        application.Application.ResourceNotifications.TryGetCurrentState(resource, out var current) ? current?.Snapshot : null;
}
