namespace LogPartitioning.Core;

/// <summary>Tells somebody who wrote a name that is not known which of those that are known was most likely meant.</summary>
public static class NearestName
{
    /// <summary>A name from outside may be as long as a request; names of ours are not.</summary>
    private const int MaxCompared = 64;

    /// <summary>
    /// The rule that <paramref name="name"/> breaks, worded so that it follows the name: it is not <paramref name="kind"/>, the
    /// nearest is this one, and there are those.
    /// </summary>
    public static string Rule(string name, string kind, IReadOnlyCollection<string> known) => Of(name, known) is { } nearest
        ? $"is not {kind}; the nearest is {nearest}, of {string.Join(", ", known)}"
        : $"is not {kind}; there is none";

    /// <summary>The known name at the smallest edit distance, the first of several; null when none is known.</summary>
    public static string? Of(string name, IEnumerable<string> known) => known.MinBy(candidate => Distance(Cut(name), candidate));

    /// <summary>The name, cut to a length that an answer can carry.</summary>
    public static string Cut(string name)
    {
        if (name.Length <= MaxCompared)
        {
            return name;
        }

        var end = char.IsHighSurrogate(name[MaxCompared - 1]) ? MaxCompared - 1 : MaxCompared;
        return string.Concat(name.AsSpan(0, end), "…");
    }

    /// <summary>
    /// How many characters have to be put in, left out, replaced or swapped with their neighbour to make one name of the other,
    /// upper and lower case alike.
    /// </summary>
    internal static int Distance(string a, string b)
    {
        var (before, last, row) = (new int[b.Length + 1], Enumerable.Range(0, b.Length + 1).ToArray(), new int[b.Length + 1]);
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (Same(a[i - 1], b[j - 1]) ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && Same(a[i - 1], b[j - 2]) && Same(a[i - 2], b[j - 1]))
                {
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                }
            }

            (before, last, row) = (last, row, before);
        }

        return last[b.Length];
    }

    private static bool Same(char a, char b) => char.ToUpperInvariant(a) == char.ToUpperInvariant(b);
}
