namespace LogPartitioning.AppHost.Containers;

/// <summary>The volumes in which containers keep what must outlive them.</summary>
internal static class ContainerVolumes
{
    /// <summary>What the names of all volumes begin with.</summary>
    public const string Prefix = "log-partitioning-";
}
