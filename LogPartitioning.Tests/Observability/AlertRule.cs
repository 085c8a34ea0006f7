using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Observability;

/// <summary>One alert as rules.alerting.yml states it. The file's own layout is relied on: one key a line.</summary>
internal sealed partial record AlertRule(string Name, string? Severity, string? Summary, string? Description, string? Runbook)
{
    public const string File = "LogPartitioning.AppHost/Prometheus/rules.alerting.yml";

    public static IReadOnlyList<AlertRule> ReadAll()
    {
        string[] blocks = AlertKey().Split(RepositoryFiles.Read(File));
        return [.. blocks.Skip(1).Select(Parse)];
    }

    private static AlertRule Parse(string block) => new(
        block[..block.IndexOf('\n', StringComparison.Ordinal)].Trim(),
        Value(block, "severity"),
        Value(block, "summary"),
        Value(block, "description"),
        Value(block, "runbook"));

    private static string? Value(string block, string key)
    {
        Match match = Regex.Match(block, $@"^\s+{key}: ""?(.+?)""?\s*$", RegexOptions.Multiline);
        return match.Success ? match.Groups[1].Value : null;
    }

    [GeneratedRegex(@"^\s+- alert: ", RegexOptions.Multiline)]
    private static partial Regex AlertKey();
}
