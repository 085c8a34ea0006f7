using Xunit.Abstractions;

namespace LogPartitioning.Tests.Consumer.Model;

/// <summary>
/// Polling, writing, committing, and a group that gives and takes, all at once and thousands of times: each event is stored
/// once and in order, each record that is none is a dead letter, and no commit is ahead of the store.
/// </summary>
[Trait("Category", "Slow")]
public sealed class GroupModelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_the_group_does_each_event_is_stored_once_and_in_order(int seed)
    {
        using var group = new ModelGroup(seed, length: 20_000);

        var broken = await group.RunAsync(moves: 1500, Patience);

        output.WriteLine($"{group.Moves} moves, {group.Fenced} writes refused");
        Assert.Equal("", broken);
    }
}
