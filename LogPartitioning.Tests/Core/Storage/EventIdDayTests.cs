using LogPartitioning.Core.Storage;
using LogPartitioning.Tests.Servers;
using NpgsqlTypes;

namespace LogPartitioning.Tests.Core.Storage;

[Collection(PostgresTests.Name)]
public sealed class EventIdDayTests(PostgresServer server) : DatabaseTest(server)
{
    [Theory]
    [InlineData("01935a5c-8000-7000-8000-000000000000", "2024-11-23")]
    [InlineData("00000000-0000-7000-8000-000000000001", "1970-01-01")]
    [InlineData("e677ccf9-7fff-7fff-bfff-ffffffffffff", "9999-12-30")]
    [InlineData("e677ccf9-8000-7000-8000-000000000000", null)] // a millisecond later: the driver writes that day as infinity
    [InlineData("e677d21f-dbff-7fff-bfff-ffffffffffff", null)]
    [InlineData("01935a5c-8000-4000-8000-000000000000", null)] // version 4
    [InlineData("01935a5c-8000-7000-c000-000000000000", null)] // another variant
    [InlineData("01935a5c-8000-7000-7000-000000000000", null)]
    [InlineData("a6a3a450-6513-270e-269e-0d37f2a74de4", null)] // no version at all
    public void An_id_names_the_day_on_which_it_was_made(string id, string? day) =>
        Assert.Equal(day is null ? EventIdDay.None : DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), EventIdDay.Of(Guid.Parse(id)));

    [PostgresFact]
    public async Task The_database_gives_the_same_day()
    {
        var random = new Random(7);
        // At the bound, too.
        List<Guid> ids = [new("e677ccf9-7fff-7fff-bfff-ffffffffffff"), new("e677ccf9-8000-7000-8000-000000000000"), new("e677d21f-dbff-7fff-bfff-ffffffffffff"), new("ffffffff-ffff-7fff-bfff-ffffffffffff")];
        for (var i = 0; i < 3000; i++)
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            if (i % 2 == 0)
            {
                bytes[0] = (byte)(i % 4 == 0 ? 1 : bytes[0]);
                bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
            }

            ids.Add(new(bytes, bigEndian: true));
        }

        await using var command = Database.CreateCommand("SELECT log_id_day(id) FROM unnest($1) WITH ORDINALITY AS ids (id, n) ORDER BY n");
        command.Parameters.Add(new() { Value = ids.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        await using var reader = await command.ExecuteReaderAsync();
        foreach (var id in ids)
        {
            Assert.True(await reader.ReadAsync());
            Assert.Equal((id, EventIdDay.Of(id)), (id, reader.GetFieldValue<DateOnly>(0)));
        }
    }
}
