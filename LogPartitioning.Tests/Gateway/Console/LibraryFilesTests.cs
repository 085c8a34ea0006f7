using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Gateway.Console;

/// <summary>What others made is served as they published it.</summary>
public sealed partial class LibraryFilesTests
{
    private const string Folder = "LogPartitioning.Gateway/wwwroot/lib";

    [Fact]
    public void Every_file_is_listed_with_the_digest_that_it_has()
    {
        var listed = Rows().Matches(RepositoryFiles.Read($"{Folder}/README.md")).Select(row => (row.Groups["file"].Value, row.Groups["digest"].Value)).Order();

        var root = RepositoryFiles.PathOf(Folder);
        var there = Directory.GetFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(file => file != "README.md" && Path.GetFileName(file) != "LICENSE")
            .Select(file => (file, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, file))))))
            .Order();

        Assert.Equal(there, listed);
    }

    [GeneratedRegex(@"^\| `(?<file>[^`]+)` \|.*\| `(?<digest>[0-9a-f]{64})` \|$", RegexOptions.Multiline)]
    private static partial Regex Rows();
}
