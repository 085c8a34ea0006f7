using System.Globalization;
using static System.FormattableString;

namespace LogPartitioning.Gateway.Console;

/// <summary>Numbers and times as the console writes them, the same for every reader; times of day are made the viewer's in the browser.</summary>
internal static class Format
{
    /// <summary>What stands where a number is not known.</summary>
    public const string Unknown = "–";

    public static string Count(long? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>A number of things: <c>1 worker</c>, <c>1,200 workers</c>.</summary>
    public static string Count(long value, string thing) => Count(value) + " " + thing + (value == 1 ? "" : "s");

    /// <summary>A number as a column is sorted by it.</summary>
    public static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number a second, with as many digits as say something.</summary>
    public static string Rate(double? value) => value is { } rate ? Number(rate) + "/s" : Unknown;

    /// <summary>Three digits or a whole number.</summary>
    public static string Number(double? value) => value switch
    {
        null => Unknown,
        >= 100 or 0 => value.Value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };

    public static string Percent(double share) => (100 * share).ToString(share is > 0 and < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";

    /// <summary>A length of time in the unit in which it is a small number.</summary>
    public static string Seconds(double? seconds) => seconds switch
    {
        null => Unknown,
        0 => "0 s",
        < 1 => Invariant($"{seconds * 1000:0} ms"),
        < 120 => Invariant($"{seconds:0.#} s"),
        < 7200 => Invariant($"{seconds / 60:0} min"),
        < 172800 => Invariant($"{seconds / 3600:0.#} h"),
        _ => Invariant($"{seconds / 86400:0.#} days"),
    };

    public static string Milliseconds(double ms) => Seconds(ms / 1000);

    /// <summary>Partitions as a person writes them: <c>0–3, 7</c>.</summary>
    public static string Partitions(IReadOnlyList<int> partitions)
    {
        if (partitions.Count == 0)
        {
            return "none";
        }

        var parts = new List<string>();
        for (var i = 0; i < partitions.Count;)
        {
            var end = i;
            while (end + 1 < partitions.Count && partitions[end + 1] == partitions[end] + 1)
            {
                end++;
            }

            parts.Add(end - i >= 2 ? Invariant($"{partitions[i]}–{partitions[end]}") : string.Join(", ", partitions.Skip(i).Take(end - i + 1)));
            i = end + 1;
        }

        return string.Join(", ", parts);
    }

    public static string Iso(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
