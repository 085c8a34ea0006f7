using System.Security.Claims;
using LogPartitioning.Gateway.Console;
using LogPartitioning.Gateway.Operate;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace LogPartitioning.Tests.Gateway.Console;

public sealed class MovePreviewTests
{
    [Theory]
    [InlineData("all", null)]
    [InlineData(" ALL ", null)]
    [InlineData("3", new[] { 3 })]
    [InlineData("0, 3-5, 4", new[] { 0, 3, 4, 5 })]
    [InlineData("3–4", new[] { 3, 4 })]
    public void Partitions_are_written_as_a_person_does(string text, int[]? partitions)
    {
        Assert.True(MovePreview.TryReadPartitions(text, out var read));
        Assert.Equal(partitions, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("5-3")]
    [InlineData("-1")]
    [InlineData("1-99999999")]
    [InlineData("three")]
    public void What_names_no_partitions_is_refused(string text) => Assert.False(MovePreview.TryReadPartitions(text, out _));

    [Theory]
    [InlineData("?move=shiftBy&value=-500", "shiftBy -500")]
    [InlineData("?move=shiftBy&value=−500", "shiftBy -500")]
    [InlineData("?move=toOffset&value=12", "toOffset 12")]
    [InlineData("?move=toTime&value=2026-11-22T07:00:00Z", "toTime 2026-11-22T07:00:00Z")]
    [InlineData("?move=beginning", "to beginning")]
    [InlineData("?move=end&value=ignored", "to end")]
    public void The_form_says_where_to(string query, string target) => Assert.Equal(target, Form(query)?.Target?.Show());

    [Theory]
    [InlineData("?move=shiftBy&value=", "shiftBy must be a whole number")]
    [InlineData("?move=toTime&value=yesterday", "toTime must be a time")]
    [InlineData("?move=toOffset&value=-1", "toOffset must be an offset")]
    [InlineData("?move=end&partitions=x", "Partitions must be all")]
    public void What_is_wrong_with_it_is_told(string query, string problem) => Assert.StartsWith(problem, Form(query)!.Problem, StringComparison.Ordinal);

    [Fact]
    public void Without_a_form_there_is_nothing_to_show() => Assert.Null(Form("?partitions=all"));

    [Fact]
    public void What_is_carried_out_is_what_was_previewed() => Assert.Equal(
        """{"partitions":[3],"shiftBy":-500,"expected":{"3":1234}}""",
        Form("?move=shiftBy&value=-500&partitions=3")!.BodyFor([new(3, 1234, 734, MovePlan.Back, 500, 0, 1300, false, null, null, true)]));

    private static MovePreview? Form(string query) => MovePreview.Of(new PageContext("/operate", new QueryCollection(QueryHelpers.ParseQuery(query)), new ClaimsPrincipal()));
}
