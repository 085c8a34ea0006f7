namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resource waits for another before it starts.</summary>
/// <param name="resource">For which one.</param>
/// <param name="waitType">For what of it.</param>
/// <param name="exitCode">The exit code that counts as success, where its end is waited for.</param>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    /// <summary>For which one.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>For what of it.</summary>
    public WaitType WaitType { get; } = waitType;

    /// <summary>What to do when it cannot run.</summary>
    public WaitBehavior? WaitBehavior { get; init; }

    /// <summary>The exit code that counts as success.</summary>
    public int ExitCode { get; } = exitCode;
}

/// <summary>What of another resource is waited for.</summary>
public enum WaitType
{
    /// <summary>That it runs and all of its health checks pass.</summary>
    WaitUntilHealthy,

    /// <summary>That it has ended.</summary>
    WaitForCompletion,

    /// <summary>That it runs.</summary>
    WaitUntilStarted,
}

/// <summary>What to do when the resource that is waited for cannot run.</summary>
public enum WaitBehavior
{
    /// <summary>Go on waiting.</summary>
    WaitOnResourceUnavailable,

    /// <summary>Fail.</summary>
    StopOnResourceUnavailable,
}

/// <summary>A health check tells the resource's health.</summary>
/// <param name="key">The name under which the check is registered.</param>
public class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    /// <summary>The name under which the check is registered.</summary>
    public string Key { get; } = key;
}

/// <summary>The resource starts on command, not with the application.</summary>
public sealed class ExplicitStartupAnnotation : IResourceAnnotation;

/// <summary>How many processes run of the resource.</summary>
/// <param name="replicas">How many.</param>
public sealed class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    /// <summary>How many.</summary>
    public int Replicas { get; } = replicas;
}

/// <summary>The resource has to do with another.</summary>
/// <param name="resource">With which one.</param>
/// <param name="type">How: <c>Parent</c>, <c>Reference</c>, <c>WaitFor</c>.</param>
public sealed class ResourceRelationshipAnnotation(IResource resource, string type) : IResourceAnnotation
{
    /// <summary>With which one.</summary>
    public IResource Resource { get; } = resource;

    /// <summary>How.</summary>
    public string Type { get; } = type;
}

/// <summary>The resource refers to endpoints of another by service discovery.</summary>
/// <param name="resource">Of which one.</param>
public sealed class EndpointReferenceAnnotation(IResourceWithEndpoints resource) : IResourceAnnotation
{
    /// <summary>Of which one.</summary>
    public IResourceWithEndpoints Resource { get; } = resource;

    /// <summary>All of its endpoints.</summary>
    public bool UseAllEndpoints { get; set; }

    /// <summary>These of its endpoints.</summary>
    public ISet<string> EndpointNames { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The network from which they are seen.</summary>
    public NetworkIdentifier ContextNetworkId { get; set; } = KnownNetworkIdentifiers.LocalhostNetwork;
}

/// <summary>A part of a connection, beside those that the resource itself names.</summary>
/// <param name="name">The name of the part.</param>
/// <param name="referenceExpression">Its value.</param>
public sealed class ConnectionPropertyAnnotation(string name, ReferenceExpression referenceExpression) : IResourceAnnotation
{
    /// <summary>The name of the part.</summary>
    public string Name { get; } = name;

    /// <summary>Its value.</summary>
    public ReferenceExpression Value { get; } = referenceExpression;
}

/// <summary>The command and directory of an executable.</summary>
public sealed class ExecutableAnnotation : IResourceAnnotation
{
    /// <summary>The command.</summary>
    public required string Command { get; set; }

    /// <summary>The directory in which it runs.</summary>
    public required string WorkingDirectory { get; set; }
}

/// <summary>The launch profile to take.</summary>
/// <param name="launchProfileName">Its name.</param>
public sealed class LaunchProfileAnnotation(string launchProfileName) : IResourceAnnotation
{
    /// <summary>Its name.</summary>
    public string LaunchProfileName { get; } = launchProfileName ?? throw new ArgumentNullException(nameof(launchProfileName));
}

/// <summary>No launch profile is taken.</summary>
public sealed class ExcludeLaunchProfileAnnotation : IResourceAnnotation;

/// <summary>The state in which a resource begins.</summary>
/// <param name="initialSnapshot">The state.</param>
public class ResourceSnapshotAnnotation(CustomResourceSnapshot initialSnapshot) : IResourceAnnotation
{
    /// <summary>The state.</summary>
    public CustomResourceSnapshot InitialSnapshot { get; } = initialSnapshot;
}
