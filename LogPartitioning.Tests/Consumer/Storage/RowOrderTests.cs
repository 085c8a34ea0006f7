using LogPartitioning.Consumer.Storage;
using LogPartitioning.Core.Events;
using LogPartitioning.Tests.Servers;

namespace LogPartitioning.Tests.Consumer.Storage;

[Collection(PostgresTests.Name)]
public sealed class RowOrderTests(PostgresServer server) : DatabaseTest(server)
{
    [PostgresFact]
    public async Task Ids_are_in_the_order_of_the_database()
    {
        var random = new Random(1);
        // Some of one half, some as a whole: only the other half, or the place, tells them apart.
        var halves = Enumerable.Range(0, 20).Select(_ => random.NextInt64(long.MinValue, long.MaxValue)).ToList();
        var records = Records([.. Enumerable.Range(0, 2000).Select(_ => Id(halves[random.Next(20)], random.Next(4) == 0 ? 1 : random.NextInt64(long.MinValue, long.MaxValue)))]);

        var order = RowOrder.ById(records);

        await using var command = Database.CreateCommand("SELECT n::integer FROM unnest($1) WITH ORDINALITY AS i (id, n) ORDER BY id, n");
        command.Parameters.Add(new() { Value = records.Select(r => r.Record.Id).ToArray() });
        var expected = new List<int>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            expected.Add(reader.GetInt32(0) - 1);
        }

        Assert.Equal(expected, order);
    }

    [Fact]
    public void An_id_that_comes_again_is_the_first_ones()
    {
        var (a, b, c) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        var records = Records(a, b, a, c, b, a);

        Assert.Equal(new Dictionary<int, int> { [2] = 0, [4] = 1, [5] = 0 }, RowOrder.Repeats(records, RowOrder.ById(records)));
        Assert.Null(RowOrder.Repeats(Records(a, b, c), RowOrder.ById(Records(a, b, c))));
    }

    [Fact]
    public void Events_are_in_the_order_of_their_timestamps()
    {
        var random = new Random(2);
        var records = Records([.. Enumerable.Range(0, 500).Select(_ => Guid.NewGuid())], _ => random.Next(50));

        var sent = RowOrder.ByTimestamp(records);

        Assert.Equal(Enumerable.Range(0, 500), sent.Order());
        Assert.Equal(sent.Select(i => records[i].Place.Timestamp).Order(), sent.Select(i => records[i].Place.Timestamp));
    }

    private static Guid Id(long first, long second)
    {
        var bytes = new byte[16];
        BitConverter.TryWriteBytes(bytes, first);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), second);
        return new(bytes, bigEndian: true);
    }

    private static List<PlacedRecord> Records(params Guid[] ids) => Records(ids, i => i);

    private static List<PlacedRecord> Records(Guid[] ids, Func<int, int> second) => [.. ids.Select((id, i) =>
    {
        var at = StoredEvents.Start.AddSeconds(second(i));
        return new PlacedRecord(new(i, "s", new LogEvent(id, "s", Severity.Information, "m", at, null)), 0, 1);
    })];
}
