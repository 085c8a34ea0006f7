using System.Text.Json;

namespace LogPartitioning.Tests.Documentation;

/// <summary><c>docs/licences.md</c> against the lock files: every package that is shipped, and a licence that allows it.</summary>
public sealed class LicencesPageTests
{
    private static readonly string[] s_shipped =
    [
        "LogPartitioning.AppHost/packages.standins.lock.json",
        "LogPartitioning.Producer/packages.standins.lock.json",
        "LogPartitioning.Consumer/packages.lock.json",
        "LogPartitioning.Gateway/packages.lock.json",
        "LogPartitioning.LoadTest/packages.lock.json",
    ];

    private static readonly string[] s_permissive = ["MIT", "Apache-2.0", "BSD-3-Clause", "PostgreSQL"];

    /// <summary>Packages from before a package could name its licence; read by hand: BSD-2-Clause, BSD-2-Clause, MIT (.NET's), MIT, MIT.</summary>
    private static readonly string[] s_readByHand = ["Fractions", "HdrHistogram", "librdkafka.redist", "Microsoft.NETCore.Platforms", "NETStandard.Library"];

    [Fact]
    public void Every_package_that_is_shipped_is_listed_and_no_other() =>
        Assert.Equal(Shipped(), Rows().Select(row => (row.Name, row.Version)).Order());

    [Fact]
    public void Every_licence_is_a_permissive_one() =>
        Assert.All(Rows(), row => Assert.True(s_permissive.Contains(row.Licence) || s_readByHand.Contains(row.Name), $"{row.Name}: {row.Licence}"));

    [Fact]
    public void No_lock_file_names_where_a_package_comes_from() =>
        Assert.All(s_shipped.Append("LogPartitioning.AppHost/Kafka/Fallback/package-lock.json"), path => Assert.DoesNotContain("://", RepositoryFiles.Read(path), StringComparison.Ordinal));

    private static IEnumerable<(string Name, string Version)> Shipped() => s_shipped
        .SelectMany(path =>
        {
            using var lockFile = JsonDocument.Parse(RepositoryFiles.Read(path));
            return lockFile.RootElement.GetProperty("dependencies").EnumerateObject()
                .SelectMany(framework => framework.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .Select(package => (package.Name, package.Value.GetProperty("resolved").GetString()!))
                .ToList();
        })
        .Distinct()
        .Order();

    private static IEnumerable<(string Name, string Version, string Licence)> Rows() => RepositoryFiles.Read("docs/licences.md").Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells[1] != "package")
        .Select(cells => (cells[1], cells[2], cells[3]));
}
