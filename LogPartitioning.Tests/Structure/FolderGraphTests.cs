namespace LogPartitioning.Tests.Structure;

public sealed class FolderGraphTests
{
    private const string Root = "LogPartitioning.Sample";

    [Fact]
    public void Arrows_that_go_one_way_are_no_circle() =>
        Assert.Empty(Circles("Reading.Poll > Writing.Batch", "Reading.Poll > Reading.Parse", "Reading.Parse > Reading.Poll", "Writing.Batch > Writing.Sql.Copy"));

    [Fact]
    public void A_circle_is_told_with_the_types_that_make_it() =>
        Assert.Equal(
            ["Assignment -> Reading -> Assignment (Owned uses Poll; Poll uses Owned)"],
            Circles("Assignment.Owned > Reading.Poll", "Reading.Poll > Assignment.Owned", "Reading.Poll > Writing.Batch"));

    [Fact]
    public void A_circle_over_three_folders_is_found() =>
        Assert.Equal(
            ["A -> B -> C -> A (X uses Y; Y uses Z; Z uses X)"],
            Circles("A.X > B.Y", "B.Y > C.Z", "C.Z > A.X"));

    [Fact]
    public void A_folder_below_a_folder_belongs_to_it() =>
        Assert.Equal(
            ["A -> B -> A (X uses Y; Y uses Z)"],
            Circles("A.Below.X > B.Y", "B.Y > A.Z"));

    [Fact]
    public void The_composition_root_and_the_options_may_lie_side_by_side() =>
        Assert.Empty(Circles("Service > Reading.Poll", "Reading.Poll > Options", "Service > Options"));

    [Fact]
    public void A_type_outside_of_folders_that_is_used_by_what_it_uses_is_a_circle() =>
        Assert.Equal(
            ["Reading -> Service -> Reading (Poll uses Service; Service uses Poll)"],
            Circles("Service > Reading.Poll", "Reading.Poll > Service"));

    private static IReadOnlyList<string> Circles(params string[] uses) =>
        new FolderGraph(Root, uses.Select(use => use.Split(" > ")).Select(use => new TypeUse(TypeAt(use[0]), TypeAt(use[1])))).Circles();

    private static CodeType TypeAt(string path)
    {
        var name = path.Split('.')[^1];
        return new(Root, $"{Root}.{path}"[..^(name.Length + 1)], name);
    }
}
