namespace LogPartitioning.Tests.Structure;

/// <summary>
/// Which folder of a project uses which. A folder is a namespace directly below the project's root namespace, with all below it.
/// The types outside of folders stand for themselves: the one that puts the service together uses every folder, and every folder
/// may use the options; a circle it is only where one type is used by what it uses.
/// </summary>
internal sealed class FolderGraph
{
    private readonly Dictionary<string, SortedDictionary<string, TypeUse>> _uses = [];

    public FolderGraph(string rootNamespace, IEnumerable<TypeUse> uses)
    {
        foreach (var use in uses.Where(use => use.From.Project == use.To.Project).OrderBy(use => use.From.ToString(), StringComparer.Ordinal).ThenBy(use => use.To.ToString(), StringComparer.Ordinal))
        {
            var (from, to) = (FolderOf(use.From), FolderOf(use.To));
            if (from != to)
            {
                Arrows(from).TryAdd(to, use);
            }
        }

        string FolderOf(CodeType type) => type.Namespace.StartsWith($"{rootNamespace}.", StringComparison.Ordinal)
            ? type.Namespace[(rootNamespace.Length + 1)..].Split('.')[0]
            : type.Name;

        SortedDictionary<string, TypeUse> Arrows(string folder) =>
            _uses.TryGetValue(folder, out var arrows) ? arrows : _uses[folder] = new(StringComparer.Ordinal);
    }

    /// <summary>The shortest circle through each folder that is on one, each circle once: <c>A -> B -> A (X uses Y; Y uses X)</c>.</summary>
    public IReadOnlyList<string> Circles() =>
    [
        .. _uses.Keys.Order(StringComparer.Ordinal)
            .Select(ShortestCircle)
            .OfType<List<string>>()
            .DistinctBy(circle => string.Join('|', circle.Order(StringComparer.Ordinal)))
            .Select(Describe),
    ];

    private List<string>? ShortestCircle(string start)
    {
        Dictionary<string, string> cameFrom = [];
        Queue<string> open = new([start]);
        while (open.TryDequeue(out var folder))
        {
            foreach (var next in _uses.GetValueOrDefault(folder)?.Keys.ToList() ?? [])
            {
                if (next == start)
                {
                    List<string> circle = [folder];
                    while (circle[^1] != start)
                    {
                        circle.Add(cameFrom[circle[^1]]);
                    }

                    circle.Reverse();
                    return circle;
                }

                if (cameFrom.TryAdd(next, folder))
                {
                    open.Enqueue(next);
                }
            }
        }

        return null;
    }

    private string Describe(List<string> circle)
    {
        var arrows = circle.Zip(circle.Skip(1).Append(circle[0]), (from, to) => _uses[from][to]);
        return $"{string.Join(" -> ", circle.Append(circle[0]))} ({string.Join("; ", arrows.Select(use => $"{use.From.Name} uses {use.To.Name}"))})";
    }
}
