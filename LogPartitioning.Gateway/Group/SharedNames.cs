using LogPartitioning.Core.GroupState;

namespace LogPartitioning.Gateway.Group;

/// <summary>Names that several living instances were given.</summary>
internal static class SharedNames
{
    /// <summary>A sentence for each.</summary>
    public static IEnumerable<string> Among(IReadOnlyList<InstanceState> instances) =>
        from name in instances.Select(instance => instance.SharedName).OfType<string>().Distinct()
        let count = instances.Count(instance => instance.Instance == name || instance.SharedName == name)
        where count > 1
        select FormattableString.Invariant($"{count} consumers call themselves {name}: give each a Consumer:Instance of its own");
}
