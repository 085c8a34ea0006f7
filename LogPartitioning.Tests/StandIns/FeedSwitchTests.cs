using System.IO.Compression;
using LogPartitioning.Tests.Processes;

namespace LogPartitioning.Tests.StandIns;

/// <summary>Which of a package and its stand-in a project gets, by what the package feed holds.</summary>
[Collection(Builds.Name)]
[Trait("Category", "Slow")]
public sealed class FeedSwitchTests : IDisposable
{
    private const string Hosting = "Aspire.Hosting.Kafka";
    private const string Client = "Aspire.Confluent.Kafka";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(Hosting)]
    [InlineData(Client)]
    [InlineData(Hosting + "," + Client)]
    public async Task A_package_that_the_feed_holds_is_taken_and_the_others_have_their_stand_in(string held)
    {
        var packages = held.Split(',', StringSplitOptions.RemoveEmptyEntries);
        CopyStandIns();
        AddFeed(packages);
        AddProject();

        await DotnetAsync("msbuild", "Some.csproj", "-t:AskFeedForStandIns", "-nologo", "-v:q");
        var references = await DotnetAsync("msbuild", "Some.csproj", "-nologo", "-getItem:PackageReference", "-getItem:ProjectReference");

        foreach (var package in new[] { Hosting, Client })
        {
            var taken = packages.Contains(package);
            Assert.Equal(taken, references.Contains($"\"Identity\": \"{package}\"", StringComparison.Ordinal));
            Assert.Equal(!taken, references.Contains($"standins/{package}/{package}.csproj", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_first_restore_takes_what_the_feed_holds()
    {
        CopyStandIns();
        AddFeed([Hosting, Client]);
        AddProject();

        await DotnetAsync("restore", "Some.csproj", "-nologo", "-v:q");

        var restored = await File.ReadAllTextAsync(_folder.At("obj", "project.assets.json"));
        Assert.Contains($"\"{Hosting}/{AspireVersion()}\"", restored, StringComparison.Ordinal);
        Assert.Contains($"\"{Client}/{AspireVersion()}\"", restored, StringComparison.Ordinal);
    }

    private void CopyStandIns()
    {
        var repository = RepositoryFiles.Root;
        File.Copy(Path.Combine(repository, "Directory.Packages.props"), _folder.At("Directory.Packages.props"));
        File.Copy(Path.Combine(repository, "Directory.Build.targets"), _folder.At("Directory.Build.targets"));
        foreach (var file in (string[])["Standins.targets", "Feed.proj", $"{Hosting}/{Hosting}.csproj", $"{Client}/{Client}.csproj"])
        {
            var copy = _folder.At("standins", file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(repository, "standins", file), copy);
        }
    }

    // A folder with packages is a feed.
    private void AddFeed(IEnumerable<string> packages)
    {
        Directory.CreateDirectory(_folder.At("feed"));
        var version = AspireVersion();
        foreach (var package in packages)
        {
            using var archive = ZipFile.Open(_folder.At("feed", $"{package}.{version}.nupkg"), ZipArchiveMode.Create);
            using var writer = new StreamWriter(archive.CreateEntry($"{package}.nuspec").Open());
            writer.Write($"""
                <package><metadata>
                  <id>{package}</id><version>{version}</version><authors>test</authors><description>test</description>
                </metadata></package>
                """);
        }

        File.WriteAllText(_folder.At("nuget.config"), """
            <configuration><packageSources><clear /><add key="folder" value="feed" /></packageSources></configuration>
            """);
    }

    private void AddProject() => File.WriteAllText(_folder.At("Some.csproj"), $"""
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
          <ItemGroup>
            <PackageReference Include="{Hosting}" />
            <PackageReference Include="{Client}" />
          </ItemGroup>
        </Project>
        """);

    private static string AspireVersion()
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "Directory.Packages.props"));
        var start = text.IndexOf("<AspireVersion>", StringComparison.Ordinal) + "<AspireVersion>".Length;
        return text[start..text.IndexOf('<', start)];
    }

    // The packages of the test are none that another build should find.
    private Task<string> DotnetAsync(params string[] arguments) => ChildProgram.RunAsync(
        "dotnet", arguments, new Dictionary<string, string> { ["NUGET_PACKAGES"] = _folder.At("packages") }, _folder.Path);
}

/// <summary>Tests that build: they take a whole core each, so they run after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Builds
{
    /// <summary>The collection's name.</summary>
    public const string Name = "Builds";
}
