using System.Text.RegularExpressions;
using LogPartitioning.Tests.Observability;

namespace LogPartitioning.Tests.Documentation;

/// <summary>What the pages point at is there.</summary>
public sealed partial class LinkTests
{
    private static IEnumerable<string> Pages =>
        Directory.GetFiles(RepositoryFiles.Root, "*.md", SearchOption.AllDirectories).Where(page => !Left().IsMatch(Path.GetRelativePath(RepositoryFiles.Root, page)));

    [Fact]
    public void Relative_links_and_their_anchors_resolve()
    {
        List<string> broken = [];
        foreach (var page in Pages)
        {
            foreach (Match link in Links().Matches(WithoutCode(File.ReadAllText(page))))
            {
                var target = link.Groups[1].Value;
                if (target.Contains("://", StringComparison.Ordinal))
                {
                    continue;
                }

                var parts = target.Split('#', 2);
                var file = parts[0].Length == 0 ? page : Path.GetFullPath(parts[0], Path.GetDirectoryName(page)!);
                if (!Path.Exists(file) || (parts.Length == 2 && !Anchors(file).Contains(parts[1])))
                {
                    broken.Add($"{Path.GetRelativePath(RepositoryFiles.Root, page)} -> {target}");
                }
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    [Fact]
    public void Every_alert_has_its_section_in_the_runbook_and_every_section_its_alert()
    {
        var page = RepositoryFiles.Read("docs/operations.md");
        var chapter = page[page.IndexOf("\n## Alerts", StringComparison.Ordinal)..];
        var sections = Regex.Matches(chapter, @"^### (\w+)$\s+\*(\w+)\.", RegexOptions.Multiline)
            .Select(section => (Name: section.Groups[1].Value, Severity: section.Groups[2].Value.ToLowerInvariant()));

        Assert.Equal(
            AlertRule.ReadAll().Select(alert => (alert.Name, alert.Severity!)).Order(),
            sections.Order());
    }

    private static HashSet<string> Anchors(string file) =>
        Headings().Matches(WithoutCode(File.ReadAllText(file))).Select(heading => AnchorOf(heading.Groups[1].Value)).ToHashSet();

    /// <summary>As GitHub and most others do: lower case, blanks as hyphens, no punctuation.</summary>
    private static string AnchorOf(string heading) =>
        Regex.Replace(heading.Trim().ToLowerInvariant(), @"[^\w\- ]", string.Empty).Replace(' ', '-');

    private static string WithoutCode(string text) => CodeBlocks().Replace(text, string.Empty);

    /// <summary>What builds and runs leave behind.</summary>
    [GeneratedRegex(@"(^|[/\\])(bin|obj|node_modules|TestResults|\.data|\.git)[/\\]")]
    private static partial Regex Left();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Headings();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlocks();
}
