namespace LogPartitioning.Core.GroupState;

/// <summary>Orders names so that consumer-2 comes before consumer-10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    private static readonly StringComparer s_numeric = StringComparer.Create(
        System.Globalization.CultureInfo.InvariantCulture, System.Globalization.CompareOptions.NumericOrdering);

    public int Compare(string? x, string? y) => s_numeric.Compare(x, y);
}
