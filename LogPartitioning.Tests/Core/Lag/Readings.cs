using LogPartitioning.Core.Lag;

namespace LogPartitioning.Tests.Core.Lag;

/// <summary>Readings of the brokers, made up and real.</summary>
internal static class Readings
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 7, 0, 0, TimeSpan.Zero);

    public static PartitionOffsets Partition(int partition, long end, long? committed, string? owner = null, long beginning = 0, int inSync = 3) =>
        new(partition, beginning, end, committed, owner, 3, inSync);

    /// <summary>A reading whose members are the owners of its partitions.</summary>
    public static GroupOffsets Offsets(DateTimeOffset at, params PartitionOffsets[] partitions)
    {
        var members = partitions
            .Where(partition => partition.Owner is not null)
            .GroupBy(partition => partition.Owner!)
            .Select(member => new GroupMember(member.Key, [.. member.Select(partition => partition.Partition)]))
            .ToList();
        return new(at, members.Count > 0 ? "Stable" : "Empty", members, partitions);
    }

    /// <summary>Waits until a reader sees the offsets of so many partitions.</summary>
    public static async Task SeesAsync(IGroupOffsetsSource reader, int partitions, TimeSpan timeout) => await Eventually.SeesAsync(
        $"offsets of {partitions} partitions",
        async token =>
        {
            try
            {
                return $"{(await reader.ReadAsync(token)).Partitions.Count}";
            }
            catch (GroupOffsetsException e)
            {
                return e.Message;
            }
        },
        seen => seen == $"{partitions}",
        timeout);

    /// <summary>The report on one reading, as the monitor would give it.</summary>
    public static LagReport Report(GroupOffsets offsets)
    {
        var source = new ScriptedOffsets();
        source.Next = () => offsets;
        using var monitor = new LagMonitor(source, new(), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<LagMonitor>.Instance);
        return monitor.RefreshAsync(CancellationToken.None).GetAwaiter().GetResult();
    }
}

/// <summary>A source that answers as the test says.</summary>
internal sealed class ScriptedOffsets : IGroupOffsetsSource
{
    public string Group => "log-processors";

    public string Topic => "log-events";

    public Func<GroupOffsets> Next { get; set; } = () => throw new GroupOffsetsException("nothing scripted");

    /// <summary>What a reading waits for before it answers.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public int Count { get; private set; }

    public async Task<GroupOffsets> ReadAsync(CancellationToken cancellationToken)
    {
        Count++;
        await Gate.WaitAsync(cancellationToken);
        return Next();
    }
}
