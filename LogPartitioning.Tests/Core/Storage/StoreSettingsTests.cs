using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class StoreSettingsTests
{
    private static readonly StoreSettings.Answers s_good = new(15, "15.4", "UTF8", "on", "on", "on", false, false, 97, "logs_app", -1, true, 50);

    [Fact]
    public void A_server_as_it_should_be_is_called_nothing()
    {
        var settings = StoreSettings.Judge(s_good);

        Assert.Empty(settings.Refusals);
        Assert.Empty(settings.Waits);
        Assert.Empty(settings.Warnings);
        Assert.Empty(StoreSettings.Judge(s_good with { SynchronousCommit = "local", RoleLimit = 50 }).Warnings);
    }

    [Fact]
    public void All_problems_are_told_at_once_each_by_what_helps_against_it()
    {
        var settings = StoreSettings.Judge(new(12, "12.3", "SQL_ASCII", "off", "off", "off", true, false, 97, "logs_app", 20, false, 50));

        Assert.Equal(
            ["PostgreSQL is version 12.3; 13 or later is needed.", "The encoding of the database is SQL_ASCII; it must be UTF8, which is decided when a database is created."],
            settings.Refusals.SkipLast(1));
        Assert.StartsWith("The server has no ICU collations (und-x-icu is missing)", settings.Refusals[^1], StringComparison.Ordinal);
        Assert.Contains("default_transaction_read_only is on", Assert.Single(settings.Waits), StringComparison.Ordinal);
        Assert.Equal(["fsync is off", "full_page_writes is off", "synchronous_commit is off", "This service may open 50 connections"], settings.Warnings.Select(Beginning));
        Assert.Contains("the server has 20 for the role logs_app", settings.Warnings[^1], StringComparison.Ordinal);

        static string Beginning(string warning) => warning.StartsWith("This", StringComparison.Ordinal)
            ? warning[..warning.IndexOf(" (", StringComparison.Ordinal)]
            : string.Join(' ', warning.Split(' ')[..3]);
    }

    [Fact]
    public void A_standby_is_waited_for() =>
        Assert.Contains("in recovery", Assert.Single(StoreSettings.Judge(s_good with { ReadOnly = true, InRecovery = true }).Waits), StringComparison.Ordinal);
}
