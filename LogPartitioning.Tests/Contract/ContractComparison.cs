using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Contract;

/// <summary>The rule by which a name may come into the contract, and leave it.</summary>
internal static partial class ContractComparison
{
    /// <summary>What is wrong, a sentence each.</summary>
    /// <param name="listed">The names that the committed list has.</param>
    /// <param name="inCode">The names that the code has.</param>
    /// <param name="changelog">The text of the changelog.</param>
    public static IReadOnlyList<string> Problems(IReadOnlyCollection<string> listed, IReadOnlyCollection<string> inCode, string changelog)
    {
        var told = ChangedOrRemoved(changelog);
        return
        [
            .. listed.Except(inCode).Except(told).Order(StringComparer.Ordinal).Select(name =>
                $"`{name}` is gone. Users have it in their scripts and dashboards: bring it back, or name it, in backticks, under \"### Changed\" or \"### Removed\" of CHANGELOG.md with what takes its place."),
            .. inCode.Except(listed).Order(StringComparer.Ordinal).Select(name =>
                $"`{name}` is new. Add the line \"{name}\" to docs/contract.txt, and name it under \"### Added\" of CHANGELOG.md."),
        ];
    }

    /// <summary>The names of a list: a line each, without empty lines and those that begin with <c>#</c>.</summary>
    public static IReadOnlyList<string> Names(string list) =>
        [.. list.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')];

    private static HashSet<string> ChangedOrRemoved(string changelog) =>
    [
        .. Sections().Matches(changelog)
            .Where(section => section.Groups["heading"].Value is "Changed" or "Removed")
            .SelectMany(section => InBackticks().Matches(section.Groups["text"].Value))
            .Select(name => name.Groups[1].Value),
    ];

    [GeneratedRegex(@"^### (?<heading>\w+)\s*$(?<text>.*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Sections();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex InBackticks();
}
