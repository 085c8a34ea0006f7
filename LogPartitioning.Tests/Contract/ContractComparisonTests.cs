namespace LogPartitioning.Tests.Contract;

public sealed class ContractComparisonTests
{
    private const string Gone = "Consumer:BatchSize";
    private static readonly string[] s_names = ["gateway: GET /api/logs", "kafka_consumer_lag"];

    [Fact]
    public void The_same_names_are_no_problem() => Assert.Empty(ContractComparison.Problems(s_names, s_names, ""));

    [Fact]
    public void A_name_that_is_gone_without_a_word_is_a_problem()
    {
        var problem = Assert.Single(ContractComparison.Problems([.. s_names, Gone], s_names, Changelog("### Added\n- `Consumer:BatchBytes`")));
        Assert.StartsWith($"`{Gone}` is gone.", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_was_changed_is_a_problem_under_both_names()
    {
        var problems = ContractComparison.Problems([.. s_names, Gone], [.. s_names, "Consumer:BatchRecords"], "");
        Assert.Collection(
            problems,
            problem => Assert.StartsWith($"`{Gone}` is gone.", problem, StringComparison.Ordinal),
            problem => Assert.StartsWith("`Consumer:BatchRecords` is new. Add the line \"Consumer:BatchRecords\" to docs/contract.txt", problem, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("### Removed\n- `Consumer:BatchSize`: batches end by bytes alone.")]
    [InlineData("### Added\n- Something.\n\n### Changed\n\n- `Consumer:BatchSize` is now `Consumer:BatchRecords`.\n\n### Fixed\n- Something.")]
    public void A_name_that_the_changelog_says_is_gone_may_be_gone(string section) =>
        Assert.Empty(ContractComparison.Problems([.. s_names, Gone], s_names, Changelog(section)));

    [Theory]
    [InlineData("### Added\n- `Consumer:BatchSize`.")]
    [InlineData("### Fixed\n- `Consumer:BatchSize` is read.\n\n### Removed\n- `Consumer:BatchSizes`.")]
    [InlineData("### Removed\n- Consumer:BatchSize, without backticks.")]
    public void A_name_that_stands_elsewhere_is_not_told_to_be_gone(string section) =>
        Assert.Single(ContractComparison.Problems([.. s_names, Gone], s_names, Changelog(section)));

    [Fact]
    public void A_list_has_a_name_a_line_and_comments() =>
        Assert.Equal(s_names, ContractComparison.Names($"# Endpoints\n{s_names[0]}\n\n# Metrics\r\n{s_names[1]}\n"));

    private static string Changelog(string section) => $"# Changelog\n\n## Unreleased\n\n{section}\n\n## 1.0.0\n\n### Changed\n- `Other:Name`.\n";
}
