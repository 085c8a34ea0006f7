using LogPartitioning.Core.Storage;

namespace LogPartitioning.Tests.Core.Storage;

public sealed class MigrationTests
{
    [Fact]
    public void Those_of_the_program_are_read_and_the_first_can_make_the_table_of_versions()
    {
        Assert.Equal("0001_tables.sql", Migration.All[0].File);
        Assert.True(Migration.All[0].InTransaction);
        Assert.All(Migration.All, migration => Assert.Matches("^[0-9a-f]{64}$", migration.Sha256));
    }

    [Fact]
    public void The_first_line_says_for_whom_and_how_and_line_ends_do_not_count()
    {
        var migration = Migration.Parse("0012_add_an_index.sql", "-- compatible_from 3, no transaction\r\nCREATE INDEX CONCURRENTLY i ON t (c);\r\n");

        Assert.Equal((12, "add_an_index", 3, false), (migration.Version, migration.Name, migration.CompatibleFrom, migration.InTransaction));
        Assert.Equal(Migration.Parse(migration.File, migration.Text).Sha256, migration.Sha256);
        Assert.True(Migration.Parse("0002_a.sql", "-- compatible_from 2\nSELECT 1").InTransaction);
    }

    [Theory]
    [InlineData("2_a.sql", "-- compatible_from 1\n")]
    [InlineData("0002_A.sql", "-- compatible_from 1\n")]
    [InlineData("0002_a.sql", "SELECT 1\n")]
    [InlineData("0002_a.sql", "-- compatible_from 1, outside\n")]
    [InlineData("0002_a.sql", "-- compatible_from 0\n")]
    [InlineData("0002_a.sql", "-- compatible_from 3\n")]
    public void Another_name_or_first_line_is_refused(string file, string text) => Assert.Throws<FormatException>(() => Migration.Parse(file, text));
}
