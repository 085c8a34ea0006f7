using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace LogPartitioning.Core.Partitioning;

/// <summary>
/// The form in which configuration gives <see cref="PartitioningOptions.SplitSources"/>: a list. A source is a value and never a
/// name in the configuration, where letter case does not count, a colon divides, and so do two underscores of a variable.
/// </summary>
public static class SplitSourceEntries
{
    private const string Prefix = $"{PartitioningOptions.Section}:{nameof(PartitioningOptions.SplitSources)}";

    /// <summary>What is not of this form, a sentence each. Binding leaves it out without a word.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var section = configuration.GetSection(Prefix);
        if (!string.IsNullOrEmpty(section.Value))
        {
            yield return $"{Prefix} is a list, as in {Example(0, "checkout-7", "4")}; it is \"{section.Value}\".";
        }

        var next = section.GetChildren().Count(IsEntry);
        foreach (var (name, value) in section.AsEnumerable(makePathsRelative: true).OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            if (string.IsNullOrEmpty(value))
            {
                continue;
            }

            var parts = name.Split(':', 2);
            if (parts.Length < 2 || !IsIndex(parts[0]))
            {
                yield return $"{Prefix}:{name} names a source, which must be a value: {Example(next++, name, value)}.";
            }
            else if (parts[1].Equals(nameof(SplitSource.Keys), StringComparison.OrdinalIgnoreCase))
            {
                if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                {
                    yield return $"{Prefix}:{name} must be a whole number; it is \"{value}\".";
                }
            }
            else if (!parts[1].Equals(nameof(SplitSource.Source), StringComparison.OrdinalIgnoreCase))
            {
                yield return $"{Prefix}:{name} is no setting: an entry has {nameof(SplitSource.Source)} and {nameof(SplitSource.Keys)}.";
            }
        }
    }

    private static bool IsEntry(IConfigurationSection child) => IsIndex(child.Key) && child.GetChildren().Any();

    private static bool IsIndex(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string Example(int index, string source, string keys) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}:{index}:{nameof(SplitSource.Source)}={source} and {Prefix}:{index}:{nameof(SplitSource.Keys)}={keys}");
}
