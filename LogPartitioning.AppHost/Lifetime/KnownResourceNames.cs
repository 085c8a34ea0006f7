namespace LogPartitioning.AppHost.Lifetime;

/// <summary>Resources that Aspire adds by itself.</summary>
internal static class KnownResourceNames
{
    /// <summary>The dashboard.</summary>
    public const string Dashboard = "aspire-dashboard";

    // Beside each project stands a hidden program that builds it anew.
    private const string RebuilderSuffix = "-rebuilder";

    /// <summary>Whether Aspire added the resource, and not this application.</summary>
    public static bool IsAspiresOwn(this IResource resource) =>
        resource.Name == Dashboard || (resource is ExecutableResource && resource.Name.EndsWith(RebuilderSuffix, StringComparison.Ordinal));
}
