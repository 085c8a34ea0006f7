using System.Text.RegularExpressions;

namespace LogPartitioning.Tests.Structure;

/// <summary>What docs/architecture.md says of projects and folders holds in the compiled code.</summary>
[Trait("Category", "Slow")]
public sealed class StructureTests
{
    /// <summary>What types of a project may know of the other projects; a pattern over the full names of types.</summary>
    private static readonly Dictionary<string, string> s_mayKnow = new()
    {
        ["LogPartitioning.ServiceDefaults"] = @"LogPartitioning\.Core: LogPartitioning\.Core\.NearestName$",
        ["LogPartitioning.Core"] = "nothing",
        ["LogPartitioning.Otlp"] = @"LogPartitioning\.Core: LogPartitioning\.Core\.Events\.",
        ["LogPartitioning.Producer"] = @"LogPartitioning\.(Core|Otlp|ServiceDefaults)",
        ["LogPartitioning.Consumer"] = @"LogPartitioning\.(Core|ServiceDefaults)",
        ["LogPartitioning.Gateway"] = @"LogPartitioning\.(Core|Otlp|ServiceDefaults)",
        ["LogPartitioning.LoadTest"] = @"LogPartitioning\.Core: LogPartitioning\.Core\.(Events|Partitioning)\.",
        ["LogPartitioning.AppHost"] = "nothing",
    };

    public static TheoryData<string> Projects => [.. CompiledTypes.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_folders_of_a_project_use_each_other_one_way(string project)
    {
        var circles = new FolderGraph(project, CompiledTypes.UsesIn(project)).Circles();

        Assert.True(circles.Count == 0, $"Folders of {project} use each other in a circle. Move a type, or turn an arrow round:\n{string.Join('\n', circles)}");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_knows_only_the_projects_that_it_may(string project)
    {
        var offenders =
            from use in CompiledTypes.UsesIn(project)
            where use.To.Project != project && use.To.Project.StartsWith("LogPartitioning.", StringComparison.Ordinal)
            where !Regex.IsMatch($"{use.To.Project}: {use.To}", $"^({s_mayKnow[project]})")
            select $"{use.From} uses {use.To} of {use.To.Project}";

        Assert.True(!offenders.Any(), $"{project} may know of other projects: {s_mayKnow[project]}.\n{string.Join('\n', offenders)}");
    }

    [Fact]
    public void The_core_knows_no_web_and_no_hosting()
    {
        var offenders =
            from use in CompiledTypes.UsesIn("LogPartitioning.Core")
            where Regex.IsMatch(use.To.Project, @"^(Microsoft\.AspNetCore|Microsoft\.Extensions\.Hosting|Aspire)\b")
            select $"{use.From} uses {use.To} of {use.To.Project}";

        Assert.True(!offenders.Any(), string.Join('\n', offenders));
    }

    /// <summary>The checks above would hold for an empty list, too.</summary>
    [Theory]
    [MemberData(nameof(Projects))]
    public void Types_and_their_uses_are_found(string project) => Assert.True(CompiledTypes.UsesIn(project).Count() > 50);
}
