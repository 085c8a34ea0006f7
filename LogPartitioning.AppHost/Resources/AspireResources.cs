namespace LogPartitioning.AppHost.Resources;

/// <summary>Resources that Aspire adds by itself.</summary>
internal static class AspireResources
{
    private const string Dashboard = "aspire-dashboard";

    // For each project Aspire adds a hidden program that rebuilds it.
    private const string RebuilderSuffix = "-rebuilder";

    /// <summary>Whether Aspire added the resource, and not this application.</summary>
    public static bool IsAddedByAspire(this IResource resource) =>
        resource.Name == Dashboard || (resource is ExecutableResource && resource.Name.EndsWith(RebuilderSuffix, StringComparison.Ordinal));
}
